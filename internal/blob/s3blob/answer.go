package s3blob

import (
	"errors"
	"fmt"
	"io"

	"github.com/minio/minio-go/v7"

	"github.com/relatingfield/vault/internal/blob"
)

// answer is what the server sends of a range.
type answer struct {
	o             *object
	from, at, end int64
	body          io.ReadCloser
	patient       *patience
}

// ask asks for the bytes from (included) to end (excluded) of the very object that
// was opened.
func (o *object) ask(from, end int64) (*answer, error) {
	ctx, patient := o.store.watch(o.ctx)
	var options minio.GetObjectOptions
	if from > 0 || end < o.size {
		options.Set("Range", fmt.Sprintf("bytes=%d-%d", from, end-1))
	}
	if o.etag != "" {
		options.Set("If-Match", `"`+o.etag+`"`)
	}
	body, info, _, err := o.store.core.GetObject(ctx, o.store.cfg.Bucket, o.name, options)
	if err != nil {
		patient.stop()
		err = explain(o.ctx, err)
		if errors.Is(err, blob.ErrExists) {
			err = fmt.Errorf("%w: there is another in its place", blob.ErrDamaged)
		}
		return nil, err
	}
	a := &answer{o: o, from: from, at: from, end: end, body: body, patient: patient}
	if info.Size != end-from {
		a.close()
		return nil, fmt.Errorf("%w: %d bytes come where %d belong", blob.ErrDamaged, info.Size, end-from)
	}
	return a, nil
}

// read reads some bytes; it gives some or an error.
func (a *answer) read(p []byte) (int, error) {
	a.patient.run()
	defer a.patient.rest()
	n, err := a.body.Read(p[:min(int64(len(p)), a.end-a.at)])
	a.at += int64(n)
	if n > 0 {
		return n, nil
	}
	if err == nil {
		err = io.ErrNoProgress
	}
	return 0, explain(a.o.ctx, err)
}

// close ends the request. One that was read to its end leaves its connection to
// the next.
func (a *answer) close() {
	_ = a.body.Close() // nothing is written to it
	a.patient.stop()
}
