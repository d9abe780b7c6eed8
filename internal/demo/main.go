// Command demo plays the vault's main story on a temporary vault, with the real
// programs, real recordings and the ordinary age: a woman seals three parts and
// lets a researcher open two; the third is refused; she takes the two back and
// sees who opened what. Then the conditions: a day before which nothing opens, an
// answer that is owed, trustees two of three, silence and a veto, everything
// withdrawn, and the receipt verified offline.
//
// It promises to end with 0 only when every step came out as it says, and to
// leave nothing behind. It expects the programs in ./bin (make demo builds them)
// and takes the samples of ../shared/samples where there are any.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"time"
)

// limit is the longest a demonstration may take.
const limit = 2 * time.Minute

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if err := demo(ctx, os.Stdout, ".", "bin"); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// demo plays the story with the programs in bin; root is the source tree.
func demo(ctx context.Context, out io.Writer, root, bin string) (err error) {
	begun := time.Now()
	if root, err = filepath.Abs(root); err != nil {
		return err
	}
	if bin, err = filepath.Abs(bin); err != nil {
		return err
	}
	s, err := newStage(ctx, out, root, bin)
	if err != nil {
		return err
	}
	defer func() {
		if e := s.close(); err == nil {
			err = e
		}
	}()
	if err := s.play(); err != nil {
		return err
	}
	s.say("That was the story, in %d seconds. Nothing of it is left on this machine.", int(time.Since(begun).Seconds()))
	return nil
}
