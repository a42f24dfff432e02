import ApusFiles
import ApusTestSupport
import Testing

@testable import ApusFormats

/// Reading of what h5py writes, and writing that reads back.
@Suite struct HDF5Tests {
    private let cube = (0..<24).map { $0 }

    @Test func groupsAndAttributes() throws {
        let file = try HDF5File(reading: fileFixture("types.h5"))
        #expect(
            try file.names() == [
                "a group", "bytes", "count", "dangling", "empty", "flags", "huge", "numbers", "one", "pairs", "scalar",
                "text",
            ])
        #expect(try file.names(in: "/a group") == ["inner"])
        #expect(file.kind(of: "/numbers") == .group)
        #expect(file.kind(of: "/numbers/f8") == .dataset)
        #expect(file.kind(of: "/dangling") == nil)
        #expect(file.text(attribute: "grouping") == "by_formula")
        #expect(file.text(attribute: "old") == "fixed")
        #expect(file.number(attribute: "charge") == -2)
        #expect(file.text(attribute: "nothing") == nil)
        #expect(try file.dataset("/numbers/f8").text(attribute: "u") == "kilojoule_per_mole / nanometer")
    }

    @Test(arguments: ["f4", "f8", ">f8", "packed"]) func reals(name: String) throws {
        let dataset = try HDF5File(reading: fileFixture("types.h5")).dataset("/numbers/\(name)")
        #expect(dataset.shape == [2, 3, 4])
        #expect(dataset.elementType == .real(width: name == "f4" ? 4 : 8))
        #expect(try dataset.doubles() == cube.map { Double($0) / 8 })
        #expect(try dataset.doubles(rows: 1..<2) == cube[12...].map { Double($0) / 8 })
    }

    @Test(arguments: ["i1", "i2", "i4", "i8", "u1", "u2", ">i4"]) func integers(name: String) throws {
        let dataset = try HDF5File(reading: fileFixture("types.h5")).dataset("/numbers/\(name)")
        #expect(try dataset.integers() == cube)
        #expect(try dataset.integers(rows: 0..<1) == Array(cube[..<12]))
        #expect(try dataset.doubles() == cube.map { Double($0) })
    }

    @Test func otherTypes() throws {
        let file = try HDF5File(reading: fileFixture("types.h5"))
        #expect(try file.dataset("/scalar").doubles() == [2.5])
        #expect(try file.dataset("/count").integers() == [7])
        #expect(try file.dataset("/flags").integers() == cube.map { $0 > 11 ? 1 : 0 })
        #expect(try file.dataset("/text").strings() == ["water", "Hé"])
        #expect(try file.dataset("/bytes").strings() == ["H", "He", ""])
        #expect(try file.dataset("/one").strings() == ["alone"])
        #expect(try file.dataset("/empty").doubles() == [])
    }

    @Test func mistakes() throws {
        let path = fileFixture("types.h5")
        let file = try HDF5File(reading: path)
        func problem(_ body: () throws -> Void) -> String? { apusError(body)?.problem }
        #expect(problem { _ = try file.dataset("/nowhere") } == "there is no data set with this name, or it is damaged")
        #expect(problem { _ = try file.dataset("/huge") }?.contains("is larger than what is stored") == true)
        #expect(problem { _ = try file.dataset("/pairs").doubles() } == "it holds no numbers where numbers are needed")
        #expect(problem { _ = try file.dataset("/count").strings() } == "it holds no text where text is needed")
        #expect(
            problem { _ = try file.dataset("/scalar").integers() } == "it holds 2.5 where whole numbers are needed")
        #expect(
            apusError { _ = try file.names(in: "/nowhere") }?.description
                == "\(path), '/nowhere': there is no such object, or it is damaged; the file is damaged.")
        #expect(
            problem { _ = try HDF5File(reading: fileFixture("ase.extxyz")) }
                == "this is no HDF5 file, or it is damaged or truncated")
        #expect(apusError { _ = try HDF5File(reading: "/nowhere.h5") }?.kind == .missingInput)
    }

    @Test func whatIsWrittenReadsBack() throws {
        try withTemporaryFolder { folder in
            let path = folder + "/new.h5"
            let writer = try HDF5Writer(path)
            try writer.group("/water")
            try writer.write(
                "/water/energies", [-1.5, 2], shape: [2, 1], attributes: ["u": "hartree", "format": "per"])
            try writer.write("/water/numbers", [8, 1, 1], shape: [3, 1])
            try writer.write("/water/smiles", "[H]O[H]é", attributes: ["format": "meta_data"])
            try writer.write("/water/n", [2], shape: [])
            #expect(!fileExists(path))
            try writer.finish()
            #expect(names(in: folder) == ["new.h5"])

            let file = try HDF5File(reading: path)
            let energies = try file.dataset("/water/energies")
            #expect(energies.shape == [2, 1])
            #expect(try energies.doubles() == [-1.5, 2])
            #expect(energies.text(attribute: "u") == "hartree")
            #expect(energies.text(attribute: "format") == "per")
            #expect(try file.dataset("/water/numbers").integers() == [8, 1, 1])
            #expect(try file.dataset("/water/smiles").strings() == ["[H]O[H]é"])
            #expect(try file.dataset("/water/n").shape == [])
        }
    }

    @Test func anUnfinishedFileVanishes() throws {
        try withTemporaryFolder { folder in
            do { _ = try HDF5Writer(folder + "/new.h5") }
            #expect(names(in: folder) == [])
            #expect(apusError { _ = try HDF5Writer(folder + "/none/new.h5") }?.kind == .io)
        }
    }
}
