package phrase

import "unicode"

// digitValue is the value of a decimal digit (Unicode Nd) of any script.
//
// Unicode promises that such digits stand in runs of ten in ascending order
// (stability policy, Numeric_Type=Decimal), so the distance from the start of
// the run is the value.
func digitValue(r rune) (value byte, ok bool) {
	for _, run := range unicode.Nd.R16 {
		if rune(run.Lo) <= r && r <= rune(run.Hi) {
			return byte((r - rune(run.Lo)) % 10), true
		}
	}
	for _, run := range unicode.Nd.R32 {
		if rune(run.Lo) <= r && r <= rune(run.Hi) {
			return byte((r - rune(run.Lo)) % 10), true
		}
	}
	return 0, false
}

// isSeparator reports what may stand between digits: white space, dashes, the
// minus sign, and invisible marks such as those that turn the direction of text.
func isSeparator(r rune) bool {
	return unicode.IsSpace(r) || r == '\u2212' || unicode.In(r, unicode.Z, unicode.Pd, unicode.Cf)
}
