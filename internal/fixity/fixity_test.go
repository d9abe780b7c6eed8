package fixity_test

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/relatingfield/vault/internal/custody"
	"github.com/relatingfield/vault/internal/fixity"
)

// spoilt is every way in which an object can cease to be what it was.
func spoilt(was []byte) map[fixity.Kind][]byte {
	flipped := bytes.Clone(was)
	flipped[rand.IntN(len(was))] ^= 1 << rand.IntN(8)
	return map[fixity.Kind][]byte{
		fixity.Damaged: flipped,
		fixity.Missing: nil,
		fixity.Short:   was[:len(was)-1],
		fixity.Long:    append(bytes.Clone(was), 0),
	}
}

// Whatever happens to a piece is found within the period, told once, shown until it
// is over, and told again when somebody has put the object back.
func TestWhatIsDamagedIsFoundAndToldOnce(t *testing.T) {
	each(t, func(w *world) {
		w.step()
		want := []custody.Kind(nil)
		for _, p := range w.pieces(1) {
			was := w.objects(w.first)[p.Blob]
			for kind, content := range spoilt(was) {
				w.spoil(w.first, p.Blob, content)
				w.days(everyDays + 1)
				want = append(want, custody.Damaged)
				if got := w.told(); !slices.Equal(got, want) {
					t.Fatalf("the piece at %d is %s: her feed says %v, want %v", p.From, kind, got, want)
				}
				if n := w.count("SELECT COUNT(*) FROM pieces WHERE damage = $1 AND blob = $2", string(kind), string(p.Blob)); n != 1 {
					t.Errorf("the piece at %d is not known to be %s", p.From, kind)
				}
				w.days(2 * everyDays)
				w.spoil(w.first, p.Blob, was)
				w.days(1)
				want = append(want, custody.Healed)
				if got := w.told(); !slices.Equal(got, want) {
					t.Fatalf("put back: her feed says %v, want %v", got, want)
				}
			}
		}
		w.readable()
	})
}

// Two objects that changed places are both found: each is judged by its own place.
func TestObjectsThatChangedPlacesAreFound(t *testing.T) {
	each(t, func(w *world) {
		w.step()
		all := w.objects(w.first)
		p := w.pieces(1)
		// Of equal length, so that only the digest tells.
		w.spoil(w.first, p[1].Blob, all[p[2].Blob][:p[1].Length])
		w.spoil(w.first, p[3].Blob, append(bytes.Clone(all[p[2].Blob]), all[p[1].Blob]...)[:p[3].Length])
		w.days(everyDays + 1)
		if n := w.count("SELECT COUNT(*) FROM pieces WHERE damage = 'damaged'"); n != 2 {
			t.Errorf("%d were found, want 2", n)
		}
		if got := w.told(); len(got) != 1 {
			t.Errorf("her feed says %v of one part", got)
		}
	})
}

// A damaged piece is replaced by its copy, whole and under a new name; the damaged
// object is let go of.
func TestADamagedPieceIsHealedFromTheSecondCopy(t *testing.T) {
	eachSecond(t, func(w *world) {
		for i, p := range w.pieces(1) {
			for kind, content := range spoilt(w.objects(w.first)[p.Blob]) {
				p = w.pieces(1)[i]
				w.spoil(w.first, p.Blob, content)
				before := len(w.told())
				w.days(everyDays + 1)
				now := w.pieces(1)[i]
				if now.Blob == p.Blob || now.Second != p.Second {
					t.Errorf("the piece at %d was %s and lies in %s as before", p.From, kind, now.Blob)
				}
				if got := w.told()[before:]; !slices.Equal(got, []custody.Kind{custody.Healed}) {
					t.Errorf("%s: her feed says %v", kind, got)
				}
				w.readable()
				w.settled()
			}
		}
	})
}

// A copy that is damaged is made anew from the good piece.
func TestADamagedCopyIsMadeAnew(t *testing.T) {
	eachSecond(t, func(w *world) {
		for _, content := range spoilt(w.objects(w.second)[w.pieces(1)[2].Second]) {
			w.spoil(w.second, w.pieces(1)[2].Second, content)
			w.days(everyDays + 1)
			w.days(1)
			p := w.pieces(1)[2]
			if !bytes.Equal(w.objects(w.second)[p.Second], w.objects(w.first)[p.Blob]) {
				t.Error("the copy is not what the piece is")
			}
			if got := w.told(); got != nil {
				t.Errorf("nothing happened to her part, and her feed says %v", got)
			}
			w.settled()
		}
	})
}

// Where both are damaged, neither is deleted or written: what is left of them may
// still be of use.
func TestOfTwoBadCopiesBothStay(t *testing.T) {
	eachSecond(t, func(w *world) {
		p := w.pieces(1)[2]
		one, two := spoilt(w.objects(w.first)[p.Blob])[fixity.Damaged], spoilt(w.objects(w.first)[p.Blob])[fixity.Short]
		w.spoil(w.first, p.Blob, one)
		w.spoil(w.second, p.Second, two)
		w.days(2 * everyDays)
		if !bytes.Equal(w.objects(w.first)[p.Blob], one) || !bytes.Equal(w.objects(w.second)[p.Second], two) {
			t.Error("what was left of the piece was changed")
		}
		if got := w.told(); !slices.Equal(got, []custody.Kind{custody.Damaged}) {
			t.Errorf("her feed says %v", got)
		}
		w.settled()
	})
}

// What lies in rows is looked at too: under its shred key, without any other.
func TestDamagedRowsAreFound(t *testing.T) {
	each(t, func(w *world) {
		w.step()
		for _, column := range []string{"payload", "header"} {
			at := "SELECT " + column + " FROM parts WHERE testimony = $1 AND n = 3"
			was := w.bytes(at, string(w.tid))
			bad := bytes.Clone(was)
			bad[len(bad)/2] ^= 1
			before := len(w.told())
			set := "UPDATE parts SET " + column + " = $1 WHERE testimony = $2 AND n = 3"
			w.exec(set, bad, string(w.tid))
			w.days(2*everyDays + 2)
			w.exec(set, was, string(w.tid))
			w.days(everyDays + 1)
			if got := w.told()[before:]; !slices.Equal(got, []custody.Kind{custody.Damaged, custody.Healed}) {
				t.Errorf("%s: her feed says %v", column, got)
			}
		}
	})
}
