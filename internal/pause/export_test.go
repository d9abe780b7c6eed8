package pause

// Hear is what is done with a code before the answer, for a test that counts it.
var Hear = hear
