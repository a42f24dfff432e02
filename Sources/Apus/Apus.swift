// Everything a program needs that trains or runs potentials: `import Apus`.
@_exported import ApusCPU
@_exported import ApusChemistry
@_exported import ApusDatasets
@_exported import ApusFiles
@_exported import ApusFormats
@_exported import ApusGraph
@_exported import ApusPotentials
@_exported import ApusReporting
@_exported import ApusRun
@_exported import ApusTraining
