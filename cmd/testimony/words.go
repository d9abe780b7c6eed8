package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/relatingfield/vault/api/client"
)

// Where words come from when they are not asked for.
const (
	envWords     = "TESTIMONY_WORDS"
	envWordsFile = "TESTIMONY_WORDS_FILE"
)

const (
	maxWordsFile = 4 << 10 // bytes
	maxTries     = 3
)

// secret gets the words of an account: from the file, from the environment, or
// by asking.
func (p *program) secret(ctx context.Context) (client.Secret, error) {
	if path := p.env(envWordsFile); path != "" {
		return p.secretIn(path)
	}
	if words := p.env(envWords); words != "" {
		return parseWords(envWords, words)
	}
	if p.in.terminal == nil {
		return client.Secret{}, usage("this needs your words: set %s to a file that holds them, or call it from a terminal to be asked", envWordsFile)
	}
	return p.askWords(ctx)
}

func (p *program) askWords(ctx context.Context) (client.Secret, error) {
	var wrong error
	for range maxTries {
		p.err.sayf("Your twelve words, or the forty digits (they do not show): ")
		typed, err := p.in.hidden(ctx)
		p.err.sayf("\n")
		if err != nil {
			return client.Secret{}, fmt.Errorf("read your words: %w", err)
		}
		s, err := parseWords("your words", typed)
		if err == nil {
			return s, nil
		}
		wrong = err
		p.err.sayf("%s\n", err)
	}
	return client.Secret{}, wrong
}

func (p *program) secretIn(path string) (client.Secret, error) {
	f, err := os.Open(path)
	if err != nil {
		return client.Secret{}, usage("read your words: %s", err)
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o077 != 0 {
		p.err.sayf("Others on this machine can read %s: chmod 600 it.\n", path)
	}
	b, err := io.ReadAll(io.LimitReader(f, maxWordsFile))
	if err != nil {
		return client.Secret{}, fmt.Errorf("read your words: %w", err)
	}
	defer clear(b)
	return parseWords(path, string(b))
}

// parseWords never repeats what it was given.
func parseWords(from, words string) (client.Secret, error) {
	s, err := client.ParseSecret(words)
	if err != nil {
		return s, mistake{exitWords, fmt.Sprintf("%s: %s", from, err)}
	}
	return s, nil
}

// holdWords finds the words of an account among arguments: twelve, eight groups
// of five digits, or all of them in one argument.
func holdWords(args []string) bool {
	for _, size := range []int{1, 8, 12} {
		for at := 0; at+size <= len(args); at++ {
			if _, err := client.ParseSecret(strings.Join(args[at:at+size], " ")); err == nil {
				return true
			}
		}
	}
	return false
}

// keepWords writes words for a program that will need them, to a new file that
// only its owner can read.
func keepWords(path string, words []string) error {
	err := writePrivate(path, []byte(strings.Join(words, " ")+"\n"))
	if err != nil {
		return usage("write the words: %s", err)
	}
	return nil
}

// writePrivate makes a new file, whole and on the disk; one that is there
// already stays as it is.
func writePrivate(path string, b []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}
