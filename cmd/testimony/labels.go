package main

import (
	"slices"
	"strings"

	"github.com/relatingfield/vault/api/client"
)

// labelWords are what she can say of the content before it is opened.
var labelWords = map[string]string{
	"children-harmed": "children who are harmed", "death": "death", "self-harm": "self-harm or suicide",
	"sexual-violence": "sexual violence", "torture": "torture", "violence": "violence",
}

func sayLabels(labels []string) string {
	var words []string
	for _, l := range labels {
		words = append(words, labelWords[l])
	}
	return strings.Join(words, ", ")
}

// showLabels tells a reader what they are going to meet, before it is there.
func showLabels(out *screen, r *client.Received) {
	if len(r.Labels) > 0 {
		out.sayf("She says that it holds: %s. You can stop at any time.\n", sayLabels(r.Labels))
	}
	if r.LabelsErr != nil {
		out.sayf("Careful: %s.\n", r.LabelsErr)
	}
}

// contentLabels reads what she names, such as violence,death.
func contentLabels(text string) ([]string, error) {
	if text == "" {
		return nil, nil
	}
	labels := strings.Split(text, ",")
	for _, l := range labels {
		if !slices.Contains(client.ContentLabels(), l) {
			return nil, usage("--holds takes some of %s", strings.Join(client.ContentLabels(), ","))
		}
	}
	return labels, nil
}
