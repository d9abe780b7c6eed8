package explore

// Flaw is one thing built wrongly. The name says what is done in place of what is
// right.
type Flaw string

// The flaws, each of which somebody could have built.
const (
	Sound                 Flaw = ""
	DeliverBeforeRecord   Flaw = "DeliverBeforeRecord"   // the header leaves before its event is durable
	RenewWithoutAsking    Flaw = "RenewWithoutAsking"    // a lease is renewed because it is there
	AnswerWithoutWaiting  Flaw = "AnswerWithoutWaiting"  // revoking returns while streams go on
	ForgetSilentNodes     Flaw = "ForgetSilentNodes"     // who cannot be reached is taken to have stopped
	LeaseFromCommit       Flaw = "LeaseFromCommit"       // a lease counts from the commit, not from before the read
	ReadsCountedApart     Flaw = "ReadsCountedApart"     // the counter is read in one step and written in another
	ClockAfterSnapshot    Flaw = "ClockAfterSnapshot"    // the silence of then is judged at the time of now
	PauseSeesSnapshot     Flaw = "PauseSeesSnapshot"     // the pause looks for streams in a mere snapshot
	OpeningTouchesNothing Flaw = "OpeningTouchesNothing" // an opening writes no row that a revocation writes
	RestoreWithoutJournal Flaw = "RestoreWithoutJournal" // an old backup is served as it is
)

// Flaws lists them.
func Flaws() []Flaw {
	return []Flaw{DeliverBeforeRecord, RenewWithoutAsking, AnswerWithoutWaiting, ForgetSilentNodes, LeaseFromCommit, ReadsCountedApart, ClockAfterSnapshot,
		PauseSeesSnapshot, OpeningTouchesNothing, RestoreWithoutJournal}
}
