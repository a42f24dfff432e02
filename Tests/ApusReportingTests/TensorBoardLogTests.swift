import ApusFiles
import ApusTestSupport
import Testing

@testable import ApusReporting

@Suite struct TensorBoardLogTests {
    private let configuration = "[training]\nlr = 0.001\n"
    private let block = "    [training]\n    lr = 0.001\n    \n"

    /// A run of its own begins with step 0, a continued one with the epoch after those kept.
    @Test(arguments: [(kept: 0, first: 0), (kept: 3, first: 4)])
    func contents(kept: Int, first: Int) throws {
        let (folder, other) = (try TemporaryFolder(), try TemporaryFolder())
        let log = try TensorBoardLog(
            folder: folder.path, configuration: configuration, keepingEpochs: kept, clock: { 1 })
        let histogram = try #require(TensorBoardHistogram(of: [1, 2]))
        try log.append(
            epoch: 4, [ReportedValue("loss", 0.5), ReportedValue("val/rmse", 0.25, unit: "eV/Å")],
            histograms: [("parameters/a", histogram)])

        let writer = try TensorBoardWriter(folder: other.path, firstStep: first, clock: { 1 })
        try writer.append(step: first, [.text("configuration", block)])
        try writer.append(
            step: 4,
            [.scalar("loss", 0.5), .scalar("val/rmse [eV/Å]", 0.25), .histogram("parameters/a", histogram)])
        let name = "/events.out.tfevents.1.apus"
        #expect(try readFile(path: folder.path + name) == readFile(path: other.path + name))
    }
}
