package report

import "context"

// Contest measures all contenders in every round, one right after the other, and
// begins each round with another one, so that none always comes first or always
// follows the same. The result is one list of samples per contender, by round.
func Contest[T any](ctx context.Context, rounds int, contenders ...func(context.Context) (T, error)) ([][]T, error) {
	out := make([][]T, len(contenders))
	for round := range rounds {
		for i := range contenders {
			at := (round + i) % len(contenders)
			v, err := contenders[at](ctx)
			if err != nil {
				return nil, err
			}
			out[at] = append(out[at], v)
		}
	}
	return out, nil
}
