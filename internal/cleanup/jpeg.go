package cleanup

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// The markers of a JPEG file (ITU-T T.81, table B.1) that are told apart.
const (
	markerSOI   = 0xd8
	markerEOI   = 0xd9
	markerSOS   = 0xda
	markerAPP0  = 0xe0
	markerAPP1  = 0xe1
	markerAPP14 = 0xee
	markerAPP15 = 0xef
	markerCOM   = 0xfe
)

// jpeg keeps the picture: tables, frames and scans up to the end marker. What a
// phone appends behind it (a second picture, a film of the seconds before) goes.
//
// Three things are written anew in a fixed form, because a picture is shown
// wrongly without them and they say nothing: JFIF without its thumbnail, which
// may show what was cut away; Adobe's colour transform, without which pictures in
// CMYK turn into negatives; and which side is up, a number from 1 to 8 that is
// all that stays of Exif. Colour profiles go: they name devices.
func jpeg(b *builder) error {
	if err := b.keep(0, 2); err != nil {
		return err
	}
	at := int64(2)
	for {
		if err := b.step(); err != nil {
			return err
		}
		marker, next, err := b.marker(at)
		if err != nil {
			return err
		}
		if marker == markerEOI {
			return b.keep(next-2, next)
		}
		if at, err = b.segment(marker, next); err != nil {
			return err
		}
	}
}

// maxFill bounds the bytes that may stand before a marker.
const maxFill = 64

// marker finds the marker at a place, past fill bytes, and the place behind it.
func (b *builder) marker(at int64) (byte, int64, error) {
	for range maxFill {
		p, err := b.read(at, 2)
		if err != nil {
			return 0, 0, err
		}
		if p[0] != 0xff {
			return 0, 0, fmt.Errorf("%w: no marker where one must be", ErrBroken)
		}
		if p[1] != 0xff {
			return p[1], at + 2, nil
		}
		at++
	}
	return 0, 0, fmt.Errorf("%w: no marker where one must be", ErrBroken)
}

// segment decides about the segment of a marker, whose length stands at a place,
// and gives the place behind it.
func (b *builder) segment(marker byte, at int64) (int64, error) {
	p, err := b.read(at, 2)
	if err != nil {
		return 0, err
	}
	end := at + int64(binary.BigEndian.Uint16(p))
	if end < at+2 || end > b.size {
		return 0, ErrBroken
	}
	switch {
	case marker >= markerAPP0 && marker <= markerAPP15:
		return end, b.application(marker, at+2, end)
	case marker == markerCOM:
		return end, nil
	case marker == markerSOS:
		if end, err = b.scan(end); err != nil {
			return 0, err
		}
		return end, b.keep(at-2, end)
	case marker >= 0xc0 && marker <= 0xdf && marker != 0xc8 && (marker < 0xd0 || marker > markerEOI):
		return end, b.keep(at-2, end)
	}
	return 0, fmt.Errorf("%w: a segment %#x", ErrInside, marker)
}

// scan finds the end of the coded data that begins at a place: the next marker
// that is neither a stuffed byte nor a restart.
func (b *builder) scan(at int64) (int64, error) {
	r := bufio.NewReaderSize(io.NewSectionReader(b.src, at, b.size-at), 1<<16)
	for marked := false; ; at++ {
		c, err := r.ReadByte()
		if errors.Is(err, io.EOF) {
			return 0, fmt.Errorf("%w: the picture does not end", ErrBroken)
		}
		if err != nil {
			return 0, err
		}
		if marked && c != 0xff && c != 0 && (c < 0xd0 || c > 0xd7) {
			return at - 1, nil
		}
		marked = c == 0xff
	}
}

// application keeps of a segment of metadata what the picture needs.
func (b *builder) application(marker byte, from, end int64) error {
	p, err := b.read(from, int(end-from))
	if err != nil {
		return err
	}
	switch {
	case marker == markerAPP0 && len(p) >= 14 && string(p[:5]) == "JFIF\x00":
		// Version, unit and density; width and height of the thumbnail are zero.
		return b.write(append(append([]byte{0xff, markerAPP0, 0, 16}, p[:12]...), 0, 0))
	case marker == markerAPP14 && len(p) >= 12 && string(p[:5]) == "Adobe":
		return b.write(append([]byte{0xff, markerAPP14, 0, 14}, p[:12]...))
	case marker == markerAPP1:
		if side := sideUp(p); side > 1 {
			return b.write(exifOf(side))
		}
	}
	return nil
}
