package cleanup

import "encoding/binary"

const (
	exifHead       = "Exif\x00\x00"
	tagOrientation = 0x0112
	typeShort      = 3
	entrySize      = 12
)

// sideUp reads the orientation out of an Exif segment (CIPA DC-008, 4.6.4), 1 to
// 8; 0 where there is none or it cannot be read. Nothing else of it is looked at.
func sideUp(p []byte) byte {
	if len(p) < len(exifHead)+8 || string(p[:len(exifHead)]) != exifHead {
		return 0
	}
	tiff := p[len(exifHead):]
	var order binary.ByteOrder = binary.BigEndian
	if string(tiff[:2]) == "II" {
		order = binary.LittleEndian
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return 0
	}
	entries := tiff[at+2:]
	for range order.Uint16(tiff[at:]) {
		if len(entries) < entrySize {
			return 0
		}
		if order.Uint16(entries) == tagOrientation && order.Uint16(entries[2:]) == typeShort {
			if v := order.Uint16(entries[8:]); v <= 8 {
				return byte(v)
			}
			return 0
		}
		entries = entries[entrySize:]
	}
	return 0
}

// exifOf is an Exif segment that says which side is up and nothing else: the same
// bytes for everybody but for one.
func exifOf(side byte) []byte {
	return append([]byte("\xff\xe1\x00\x22"+exifHead+"MM\x00\x2a\x00\x00\x00\x08"+"\x00\x01"+"\x01\x12\x00\x03\x00\x00\x00\x01\x00"),
		side, 0, 0, 0, 0, 0, 0)
}
