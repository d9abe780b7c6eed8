package envelope

import (
	"bufio"
	"bytes"
	"fmt"
	"io"

	"filippo.io/age"
)

// Split reads the header of the age file r, at most MaxHeader bytes, and
// returns it with a reader that stands at the payload's first byte. r must not
// be read from any more except through payload.
//
// Any header of the age format in its canonical spelling passes, with any
// stanzas: whether it is one of ours is ParseHeader's to say. Another first
// part is an ErrHeader; what r itself fails with is passed on.
func Split(r io.Reader) (header []byte, payload io.Reader, err error) {
	buffered := bufio.NewReaderSize(r, MaxHeader)
	header, err = readHeader(buffered)
	if err != nil {
		return nil, nil, fmt.Errorf("split age file: %w", err)
	}
	canonical, err := age.ExtractHeader(bytes.NewReader(header))
	if err != nil {
		return nil, nil, fmt.Errorf("split age file: %w: %w", ErrHeader, err)
	}
	if !bytes.Equal(canonical, header) {
		return nil, nil, fmt.Errorf("split age file: %w: not in its canonical spelling", ErrHeader)
	}
	return header, buffered, nil
}

// readHeader takes whole lines up to the closing one and not a byte more.
func readHeader(r *bufio.Reader) (header []byte, err error) {
	for {
		line, err := r.ReadSlice('\n')
		if err == bufio.ErrBufferFull || len(header)+len(line) > MaxHeader {
			return nil, fmt.Errorf("%w: longer than %d bytes", ErrHeader, MaxHeader)
		}
		if err == io.EOF {
			return nil, fmt.Errorf("%w: file ends inside the header", ErrHeader)
		}
		if err != nil {
			return nil, err
		}
		if len(header) == 0 && string(line) != intro {
			return nil, fmt.Errorf("%w: not an age file", ErrHeader)
		}
		header = append(header, line...)
		if bytes.HasPrefix(line, []byte("---")) {
			return header, nil
		}
	}
}

// Join is the age file of a header and a payload.
func Join(header []byte, payload io.Reader) io.Reader {
	return io.MultiReader(bytes.NewReader(header), payload)
}
