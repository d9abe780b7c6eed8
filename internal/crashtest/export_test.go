package crashtest

// Spoil lets a test damage the data of a killed server.
func Spoil(w *World, spoil func(dir string) error) {
	w.spoil = func() error { return spoil(w.daemon.Dir()) }
}
