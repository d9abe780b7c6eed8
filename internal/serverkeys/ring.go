package serverkeys

import (
	"crypto/ed25519"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// ring is what the file says at one time.
type ring struct {
	token, receipt []dated
}

// dated is a signing key and the time from which it signs. Before that it is accepted
// already, so that every node and client knows it when it is used first.
type dated struct {
	Signing
	from      int64  // Unix seconds; 0: always
	signature []byte // by the key before it; nil where there was none, or it was stolen
}

// inForce puts the newest key that signs already first, and leaves the order of the
// others: those to come, and those before.
func inForce(list []dated, now int64) []Signing {
	first := slices.IndexFunc(list, func(d dated) bool { return d.from <= now })
	out := []Signing{list[max(first, 0)].Signing}
	for i, d := range list {
		if i != max(first, 0) {
			out = append(out, d.Signing)
		}
	}
	return out
}

// lookEvery is how often it is looked whether the file has changed.
const lookEvery = time.Second

// live is a file that is looked at again, so that nodes which run know of a rotation
// before the new keys are used.
type live struct {
	dir string
	now func() time.Time

	mu     sync.Mutex
	held   *ring
	seen   os.FileInfo
	looked time.Time
}

// current is the ring as the file has it, or had it last, when the file cannot be read
// now: a node does not fall silent over a disk that is away for a moment.
func (l *live) current() *ring {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.now == nil || l.dir == "" {
		return l.held
	}
	now := l.now()
	if now.Sub(l.looked).Abs() < lookEvery {
		return l.held
	}
	l.looked = now
	info, err := os.Stat(filepath.Join(l.dir, name))
	if err != nil || l.seen != nil && os.SameFile(info, l.seen) && info.ModTime().Equal(l.seen.ModTime()) {
		return l.held
	}
	if k, err := read(filepath.Join(l.dir, name)); err == nil {
		l.held, l.seen = k.live.held, info
	}
	return l.held
}

func (l *live) unix() int64 {
	if l.now == nil {
		return 1 << 62
	}
	return l.now().Unix()
}

// Link says that a key of receipts comes after another, which signed it. Whoever has
// kept the older one believes the newer one by it.
type Link struct {
	Key       ed25519.PublicKey
	From      int64             // Unix seconds from which it signs
	Before    ed25519.PublicKey // whose word it is
	Signature []byte            // over ReceiptKeyText
}

// Chain lists the links of the keys of receipts, the newest first. A key that took the
// place of a stolen one has no link: what a thief can sign as well says nothing.
func (k *Keys) Chain() (out []Link) {
	list := k.live.current().receipt
	for i, d := range list {
		if i+1 < len(list) && d.signature != nil {
			out = append(out, Link{Key: d.Public(), From: d.from, Before: list[i+1].Public(), Signature: slices.Clone(d.signature)})
		}
	}
	return out
}

// ReceiptKeyText is what a key of receipts signs of the one that comes after it.
func ReceiptKeyText(before, key ed25519.PublicKey, from int64) []byte {
	return []byte("testimony-vault/v1/receipt-key\n" + b64(before) + "\n" + b64(key) + "\n" + time.Unix(from, 0).UTC().Format(time.RFC3339) + "\n")
}
