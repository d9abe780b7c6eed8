package app

import "context"

// Trials is what the probes ask.
func Trials(try func(context.Context) error) func(context.Context) error {
	return (&trials{try: try}).do
}
