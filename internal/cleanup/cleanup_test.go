package cleanup_test

import (
	"bytes"
	"errors"
	"image"
	_ "image/jpeg"
	_ "image/png"
	"io"
	"io/fs"
	"strings"
	"testing"

	"github.com/relatingfield/vault/internal/cleanup"
	"github.com/relatingfield/vault/internal/samples"
)

func sample(t testing.TB, name string) []byte {
	t.Helper()
	files, err := samples.Files("")
	if err != nil {
		t.Fatal(err)
	}
	b, err := fs.ReadFile(files, name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func clean(b []byte) ([]byte, error) {
	p, err := cleanup.Of(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, err
	}
	out, err := io.ReadAll(p.Reader(bytes.NewReader(b)))
	if err == nil && int64(len(out)) != p.Size() {
		err = errors.New("it is not as long as announced")
	}
	return out, err
}

func cleaned(t testing.TB, b []byte) []byte {
	t.Helper()
	out, err := clean(b)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// same compares what people see.
func same(t *testing.T, a, b []byte) {
	t.Helper()
	x, _, errX := image.Decode(bytes.NewReader(a))
	y, _, errY := image.Decode(bytes.NewReader(b))
	if errX != nil || errY != nil || x.Bounds() != y.Bounds() {
		t.Fatalf("%v, %v", errX, errY)
	}
	for row := x.Bounds().Min.Y; row < x.Bounds().Max.Y; row++ {
		for col := x.Bounds().Min.X; col < x.Bounds().Max.X; col++ {
			if x.At(col, row) != y.At(col, row) {
				t.Fatalf("another colour at %d, %d", col, row)
			}
		}
	}
}

// gone fails where a piece of text is still there.
func gone(t *testing.T, b []byte, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if bytes.Contains(b, []byte(text)) {
			t.Errorf("%q is still there", text)
		}
	}
}

// A photo that knows its place forgets it, and every pixel stays.
func TestAPhotoForgetsItsPlace(t *testing.T) {
	photo := sample(t, samples.Photo)
	out := cleaned(t, photo)
	same(t, photo, out)
	gps := "\x88\x25\x00\x04\x00\x00\x00\x01"
	if !bytes.Contains(photo, []byte(gps)) {
		t.Fatal("the photo knows no place")
	}
	gone(t, out, gps, "\x25\x88\x04\x00\x01\x00\x00\x00", "http://ns.adobe.com", "ICC_PROFILE")
	if len(out) >= len(photo) {
		t.Errorf("%d bytes of %d", len(out), len(photo))
	}
}

// seg is a JPEG segment.
func seg(marker byte, text string) []byte {
	n := len(text) + 2
	return append([]byte{0xff, marker, byte(n >> 8), byte(n)}, text...)
}

// bare is the photo from its first table on.
func bare(t testing.TB) []byte {
	b := cleaned(t, sample(t, samples.Photo))
	at := bytes.Index(b, []byte{0xff, 0xdb})
	if at < 0 {
		t.Fatal("no table")
	}
	return b[at:]
}

// exif is a segment whose first directory has a maker and which side is up.
func exif(side byte) []byte {
	return seg(0xe1, "Exif\x00\x00II\x2a\x00\x08\x00\x00\x00\x02\x00"+
		"\x0f\x01\x02\x00\x04\x00\x00\x00Acme"+"\x12\x01\x03\x00\x01\x00\x00\x00"+string([]byte{side, 0, 0, 0})+"\x00\x00\x00\x00")
}

// Every segment that can hold words goes; what the picture needs is written in
// one form that says nothing else.
func TestAPictureKeepsWhatItNeedsAndNoMore(t *testing.T) {
	body := bare(t)
	jfif := seg(0xe0, "JFIF\x00\x01\x02\x00\x00\x48\x00\x48\x00\x00")
	for name, c := range map[string]struct {
		head []byte
		tail string
		want []byte
	}{
		"Exif, and upright":    {exif(1), "", nil},
		"Exif, and turned":     {exif(6), "", []byte("\xff\xe1\x00\x22Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00")},
		"Exif, and nonsense":   {exif(9), "", nil},
		"a short Exif":         {seg(0xe1, "Exif\x00\x00II\x2a\x00\xff\xff\x00\x00"), "", nil},
		"a thumbnail":          {seg(0xe0, "JFIF\x00\x01\x02\x00\x00\x48\x00\x48\x01\x01Acm"), "", jfif},
		"a second thumbnail":   {append(bytes.Clone(jfif), seg(0xe0, "JFXX\x00\x13\x01\x01Acme")...), "", jfif},
		"a colour transform":   {seg(0xee, "Adobe\x00\x64\x00\x00\x00\x00\x01Acme"), "", seg(0xee, "Adobe\x00\x64\x00\x00\x00\x00\x01")},
		"a profile":            {seg(0xe2, "ICC_PROFILE\x00\x01\x01Acme"), "", nil},
		"a comment":            {seg(0xfe, "Acme was here"), "", nil},
		"words at the end":     {nil, "Acme\xff\xd8\xff\xe1", nil},
		"the last application": {seg(0xef, "Acme"), "", nil},
		"fill before a marker": {append([]byte("\xff\xff\xff"), seg(0xfe, "Acme")...), "", nil},
	} {
		out, err := clean(append(append(append([]byte("\xff\xd8"), c.head...), body...), c.tail...))
		if want := append(append([]byte("\xff\xd8"), c.want...), body...); err != nil || !bytes.Equal(out, want) {
			t.Errorf("%s: %d bytes for %d, %v: %x", name, len(out), len(want), err, out[:min(60, len(out))])
		}
		gone(t, out, "Acme")
	}
}

// What is not whole, or holds what nobody can tell apart, is refused, with the
// next step.
func TestWhatCannotBeCleanedIsRefused(t *testing.T) {
	photo, scan, clip, voice := sample(t, samples.Photo), sample(t, "scan-text.png"), sample(t, samples.Clip), sample(t, "voice-en.webm")
	chunk := func(kind string) []byte {
		at := bytes.Index(scan, []byte("IDAT")) - 4
		return append(append(bytes.Clone(scan[:at]), "\x00\x00\x00\x00"+kind+"\x00\x00\x00\x00"...), scan[at:]...)
	}
	for name, c := range map[string]struct {
		file []byte
		want error
	}{
		"nothing":                   {nil, cleanup.ErrKind},
		"a text":                    {[]byte("They took the men at the bridge."), cleanup.ErrKind},
		"a still in boxes":          {[]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), cleanup.ErrKind},
		"a photo that ends early":   {photo[:len(photo)-3], cleanup.ErrBroken},
		"a photo with a gap":        {append(bytes.Clone(photo[:2]), append([]byte("\xff\xe1\x00\x01"), photo[2:]...)...), cleanup.ErrBroken},
		"a photo of another making": {append([]byte("\xff\xd8\xff\xf0\x00\x04ab"), bare(t)...), cleanup.ErrInside},
		"a scan that ends early":    {scan[:len(scan)-14], cleanup.ErrBroken},
		"a scan with a new chunk":   {chunk("ABCD"), cleanup.ErrInside},
		"a clip that ends early":    {clip[:len(clip)-1], cleanup.ErrBroken},
		"a clip with a place track": {bytes.Replace(clip, []byte("\x00\x00\x00\x00vide\x00"), []byte("\x00\x00\x00\x00meta\x00"), 1), cleanup.ErrInside},
		"a voice that ends early":   {voice[:len(voice)-1], cleanup.ErrBroken},
		"a voice with a data track": {bytes.Replace(voice, []byte{0x83, 0x81, 0x02}, []byte{0x83, 0x81, 0x21}, 1), cleanup.ErrInside},
	} {
		if _, err := clean(c.file); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// Chunks with words, times and programs of their own go; the scan looks the same.
func TestAScanForgetsWhoMadeIt(t *testing.T) {
	scan := sample(t, "scan-text.png")
	at := bytes.Index(scan, []byte("IDAT")) - 4
	var more []byte
	for _, kind := range []string{"tEXt", "zTXt", "iTXt", "eXIf", "tIME", "iCCP", "prVt"} {
		more = append(more, "\x00\x00\x00\x04"+kind+"Acme\x00\x00\x00\x00"...)
	}
	with := append(append(append(bytes.Clone(scan[:at]), more...), scan[at:]...), "Acme"...)
	out := cleaned(t, with)
	same(t, scan, out)
	gone(t, out, "Acme", "tEXt", "zTXt", "iTXt", "eXIf", "tIME", "iCCP", "prVt")
	if again := cleaned(t, scan); !bytes.Equal(again, out) {
		t.Error("something of what was added stays")
	}
}

// A clip forgets where and when, every sample stays in its place.
func TestAClipForgetsItsPlace(t *testing.T) {
	clip := sample(t, samples.Clip)
	out := cleaned(t, clip)
	gone(t, out, "loci", "udta", "meta\x00", "Lavf", "VideoHandler", "SoundHandler")
	if len(out) != len(clip) {
		t.Fatalf("%d bytes of %d: samples have moved", len(out), len(clip))
	}
	from := bytes.Index(clip, []byte("mdat"))
	size := int(clip[from-4])<<24 | int(clip[from-3])<<16 | int(clip[from-2])<<8 | int(clip[from-1])
	if !bytes.Equal(out[from-4:from-4+size], clip[from-4:from-4+size]) {
		t.Error("a sample is another")
	}
	for _, kind := range []string{"mvhd", "tkhd", "mdhd"} {
		if at := bytes.Index(out, []byte(kind)); at < 0 || !bytes.Equal(out[at+8:at+16], make([]byte, 8)) {
			t.Errorf("%s keeps its times", kind)
		}
	}
}

// A voice in boxes forgets its tags.
func TestAVoiceForgetsItsTags(t *testing.T) {
	voice := sample(t, samples.UkrainianVoice)
	out := cleaned(t, voice)
	gone(t, out, "ilst", "udta", "Lavf")
	if len(out) != len(voice) {
		t.Errorf("%d bytes of %d", len(out), len(voice))
	}
}

// A recording of a browser forgets which programs made it; its clusters stay.
func TestARecordingForgetsItsProgram(t *testing.T) {
	voice := sample(t, "voice-en.webm")
	out := cleaned(t, voice)
	gone(t, out, "Lavf", "Lavc", "ENCODER", "DURATION")
	if len(out) != len(voice) {
		t.Fatalf("%d bytes of %d", len(out), len(voice))
	}
	from := bytes.Index(voice, []byte{0x1f, 0x43, 0xb6, 0x75})
	if from < 0 || !bytes.Equal(voice[from:from+4096], out[from:from+4096]) {
		t.Error("the first cluster is another")
	}
}

// A recording that was never closed has a segment and clusters without an end.
func TestALiveRecordingIsCleanedToo(t *testing.T) {
	live := "\x1a\x45\xdf\xa3\x80" + "\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff" +
		"\x15\x49\xa9\x66\x9e" + "\x2a\xd7\xb1\x83\x0f\x42\x40" + "\x4d\x80\x84Acme" + "\x57\x41\x84Acme" + "\x44\x61\x82\x01\x02" + "\xec\x82\x09\x09" +
		"\x16\x54\xae\x6b\x8d" + "\xae\x8b" + "\x83\x81\x02" + "\x53\x6e\x84Acme" + "\xd7\x81" + "\x01"
	live = strings.Replace(live, "\x16\x54\xae\x6b\x8d\xae\x8b", "\x16\x54\xae\x6b\x8f\xae\x8d", 1)
	live += "\x1f\x43\xb6\x75\x01\xff\xff\xff\xff\xff\xff\xff" + "\xe7\x81\x00" + "\xa3\x85\x81\x00\x00\x80x" +
		"\x1f\x43\xb6\x75\x8a" + "\xe7\x81\x01" + "\xa3\x85\x81\x00\x00\x80y" + "\x12\x54\xc3\x67\x84Acme"
	out := cleaned(t, []byte(live))
	gone(t, out, "Acme", "\x44\x61", "\x12\x54\xc3\x67")
	if len(out) != len(live) || !bytes.Contains(out, []byte("\xa3\x85\x81\x00\x00\x80x")) || !bytes.Contains(out, []byte("\xa3\x85\x81\x00\x00\x80y")) {
		t.Errorf("%x", out)
	}
}

// Whatever the input, there is an end; what was cleaned once is clean.
func FuzzCleaningEndsAndIsDoneOnce(f *testing.F) {
	for _, s := range samples.List() {
		if b := sample(f, s.Name); !strings.HasPrefix(s.MediaType, "text/") {
			f.Add(b[:min(len(b), 4096)])
		}
	}
	f.Add(append(append([]byte("\xff\xd8"), exif(6)...), "\xff\xdb\x00\x03x\xff\xda\x00\x02ab\xff\xd9"...))
	f.Add([]byte("\x00\x00\x00\x0cftypisom\x00\x00\x00\x20moov\x00\x00\x00\x18trak\x00\x00\x00\x10mdia\x00\x00\x00\x08udta"))
	f.Fuzz(func(t *testing.T, b []byte) {
		out, err := clean(b)
		if err != nil {
			return
		}
		if again, err := clean(out); err != nil || !bytes.Equal(again, out) {
			t.Fatalf("cleaned twice: %v", err)
		}
	})
}
