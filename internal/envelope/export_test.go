package envelope

import "io"

// OpenPayloadWith is OpenPayload with a chosen number of workers.
func OpenPayloadWith(dst io.Writer, src io.Reader, key FileKey, want Binding, workers int) error {
	return openPayload(dst, src, key, want, workers)
}

// SealFrom is Seal as if that many chunks had been sealed already: the limit of
// 8 GiB can be met without writing 8 GiB.
func SealFrom(chunks int64, dst io.Writer, src io.Reader, key FileKey, nonce [NonceSize]byte) error {
	s, err := newSealer(dst, src, key, nonce)
	if err != nil {
		return err
	}
	s.src.next = chunks
	return s.run(NewCrew(1))
}

// ChunksAtOnce is how many chunks travel together.
const ChunksAtOnce = batchChunks
