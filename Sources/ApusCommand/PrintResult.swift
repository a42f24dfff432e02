import ApusFiles

/// Prints a result on standard output, of one or several lines; nothing else in the program prints.
///
/// Names from files that stand in a line have gone through `printable` or `aligned` before, so that their line feeds
/// are no lines of the result. All other characters that a terminal would act on end here.
func printResult(_ text: String) {
    print(printable(text, keepingLines: true))
}
