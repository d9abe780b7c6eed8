// Command compose reads a compose file with the code of Compose itself: against the
// specification's schema, with every name resolved. It needs no engine.
//
//	compose FILE   says nothing, or what is wrong
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("usage: compose FILE")
	}
	path, err := filepath.Abs(args[0])
	if err != nil {
		return err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	details := types.ConfigDetails{WorkingDir: filepath.Dir(path), ConfigFiles: []types.ConfigFile{{Filename: path, Content: text}}, Environment: types.Mapping{}}
	_, err = loader.LoadWithContext(context.Background(), details, func(o *loader.Options) { o.SetProjectName("vault", true) })
	return err
}
