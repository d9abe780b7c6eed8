package app

// Version is the version of this tree, as in semver.org; a Debian package of it sorts
// the same way. It changes in the commit that is released.
const Version = "0.6.0"
