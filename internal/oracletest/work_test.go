package oracletest_test

import "slices"

// tries bound how often a question is asked again to learn what it costs: whether
// somebody is known is remembered for a moment, and costs a statement more when it is
// not.
const tries = 4

// telling are the routes where what there is costs more than nothing does. Their names
// are of grants and claims: 128 random bits that those have who were told them, and
// nobody finds by trying. docs/threat-model.md says so beside P7; a route more fails.
func telling() []string {
	const part = "/v1/inbox/{grant}/parts/{n}"
	return []string{part + "/content", part + "/export", part + "/fixity", "/v1/inbox/{grant}/shares", "/v1/claims/{claim}/shares", "/v1/claims/{claim}/releases"}
}

// cost is how many statements a question asks of the database, at least.
func (w *world) cost(q question) int64 {
	w.t.Helper()
	least := int64(-1)
	for range tries {
		if w.ask(q, w.sent(q)); least < 0 || w.work < least {
			least = w.work
		}
	}
	return least
}

// costs holds what a question about something costs against what one about nothing
// does: a clock in the caller's hand would else tell the two apart. Statements are
// counted and no time is measured, so that the outcome is the same on every machine.
// Both engines are asked by the same code with the same SQL, statement for statement,
// so they are counted over one of them; what is answered is compared over both.
func (w *world) costs(q question, is int64, nothing question, none int64) {
	w.t.Helper()
	if !w.counts || is == none || slices.Contains(telling(), q.to.path) {
		return
	}
	if is, none = w.cost(q), w.cost(nothing); is != none {
		w.t.Errorf("%s costs %d statements, and nothing there costs %d", q, is, none)
	}
}
