import ApusCPU
import ApusChemistry
import ApusFiles
import ApusGraph
import ApusPotentials

/// Samples that have gone through the program of a loss.
struct SampleBatch {
    let samples: [Sample]
    let layout: LossLayout
    /// What came out.
    let values: Batch

    /// Runs a program that ``LossGraph`` made.
    ///
    /// - Parameters:
    ///   - weights: Those of the components, divided by the number of systems that each compares.
    ///   - parameters: The flat parameters.
    /// - Throws: an `ApusError` that names the sample with two atoms on one point, or whose pairs cannot be listed for
    ///   another reason.
    init(
        _ samples: [Sample], through program: BatchProgram, _ layout: LossLayout, weights: [Double],
        parameters: Numbers
    ) throws {
        (self.samples, self.layout) = (samples, layout)
        do {
            values = try program.run(samples.map(\.system), parameters: parameters) { range, chunk in
                layout.fill(&chunk, with: samples[range], weights: weights)
            }
        } catch {
            for sample in samples {
                do {
                    _ = try program.encoding.sizes(of: [sample.system])
                } catch {
                    throw ApusError(.data, place: sample.name, problem: "\(error)")
                }
            }
            throw error
        }
    }

    /// Whether every row of every term of the loss is finite.
    var hasFiniteLoss: Bool { layout.terms.allSatisfy { values.isFinite($0.output) } }

    /// Whether everything that is predicted is finite.
    var hasFinitePredictions: Bool { layout.properties.allSatisfy { values.isFinite($0.key) } }

    /// Adds the errors of the samples, those of each chunk as one, in the order of the chunks.
    func compare(into errors: inout EvaluationErrors) {
        for range in values.chunks {
            var part = errors.emptied
            for k in range { compare(k, into: &part) }
            errors.merge(part)
        }
    }

    private func compare(_ k: Int, into errors: inout EvaluationErrors) {
        let sample = samples[k]
        for property in layout.properties { errors.add(property, predicted: values[property, k], sample) }
        for term in layout.terms where sample.isCompared(by: term.term) {
            errors.add(term.term, sample.value(of: term.term, values[term.output, k], areOfAtoms: term.isOfAtoms))
        }
    }
}
