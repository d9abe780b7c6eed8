package cleanup

import (
	"encoding/binary"
	"fmt"
)

const pngSignature = "\x89PNG\r\n\x1a\n"

// pngNeeds names what is needed to show a picture, moving ones included, as it was meant
// (W3C PNG, third edition, clause 11). Texts, times, Exif, colour profiles with
// their names, and whatever programs add for themselves are not among them.
func pngNeeds(kind string) bool {
	switch kind {
	case "IHDR", "PLTE", "IDAT", "IEND", "tRNS", "gAMA", "cHRM", "sRGB", "cICP", "sBIT", "bKGD", "hIST", "pHYs", "acTL", "fcTL", "fdAT":
		return true
	}
	return false
}

// png keeps the chunks that are needed, byte for byte and with their checksums,
// up to the end chunk; nothing stands behind it.
func png(b *builder) error {
	if err := b.keep(0, int64(len(pngSignature))); err != nil {
		return err
	}
	for at := int64(len(pngSignature)); ; {
		if err := b.step(); err != nil {
			return err
		}
		p, err := b.read(at, 8)
		if err != nil {
			return err
		}
		kind, end := string(p[4:]), at+12+int64(binary.BigEndian.Uint32(p))
		switch {
		case end > b.size:
			return ErrBroken
		case pngNeeds(kind):
			err = b.keep(at, end)
		case p[4]&0x20 == 0: // critical: the picture is not shown rightly without it
			err = fmt.Errorf("%w: a chunk of a kind that is not known", ErrInside)
		}
		if err != nil || kind == "IEND" {
			return err
		}
		at = end
	}
}
