package envelope

import "io"

// OpenPayloadWith is OpenPayload with a chosen number of workers.
func OpenPayloadWith(dst io.Writer, src io.Reader, key FileKey, want Binding, workers int) error {
	return openPayload(dst, src, key, want, workers)
}

// SealLate is Seal as if that many chunks had been sealed already: the limit of
// 8 GiB can be met without writing 8 GiB.
func SealLate(chunks int64, dst io.Writer, src io.Reader, key FileKey, nonce [NonceSize]byte) error {
	digest := NewRunning()
	digest.at = NonceSize + chunks*sealedChunk
	return (&sealer{src: &plainSource{r: src, next: chunks}, digest: digest, dst: dst}).seal(key, nonce, NewCrew(1))
}

// ChunksAtOnce is how many chunks travel together.
const ChunksAtOnce = batchChunks
