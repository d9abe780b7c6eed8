package main

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"regexp"
	"slices"
)

// A budget is how many bytes a person may have to load, compressed, before a page is
// of use to her. What a page loads later, when she asks for it, is measured with a
// browser.
type budget struct {
	page string
	most int
}

var budgets = []budget{{"/", 25_000}, {"/notes", 90_000}, {"/read", 180_000}, {"/team", 120_000}, {"/help", 25_000}, {"/about", 25_000}}

// loads are the files that a page, a script or a style asks for at once.
var loads = regexp.MustCompile(`(?:src|href)="(/a/[^"]+)"|(?:from|import)\s*"\.?(/?[^"]+\.js)"|"(/a/[^"]*(?:worker|common|tell|start)[^"]*)"`)

func weigh(made files) error {
	var errs []error
	for _, b := range budgets {
		for _, lang := range languages {
			page := "/" + lang + b.page
			if n := weight(made, page); n > b.most {
				errs = append(errs, fmt.Errorf("%s and what it loads weigh %d bytes compressed; %d are the most", page, n, b.most))
			}
		}
	}
	return errors.Join(errs...)
}

func weight(made files, page string) (total int) {
	var seen []string
	var visit func(path string)
	visit = func(path string) {
		body, ok := made[path]
		if !ok || slices.Contains(seen, path) {
			return
		}
		seen = append(seen, path)
		total += compressed(body)
		for _, m := range loads.FindAllSubmatch(body, -1) {
			for _, to := range m[1:] {
				switch {
				case len(to) == 0:
				case bytes.HasPrefix(to, []byte("/a/")):
					visit(string(to))
				default:
					visit("/a/" + string(bytes.TrimPrefix(to, []byte("/"))))
				}
			}
		}
	}
	visit(page)
	return total
}

// compressed is the size on the wire.
func compressed(body []byte) int {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err == nil {
		_, err = w.Write(body)
	}
	if errors.Join(err, w.Close()) != nil {
		return len(body)
	}
	return min(b.Len(), len(body))
}
