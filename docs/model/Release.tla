------------------------------ MODULE Release ------------------------------
(***************************************************************************)
(* Who may read a part of a testimony, and what happens while she changes  *)
(* her mind.                                                               *)
(*                                                                         *)
(* One woman has granted one part to one reader.  Several nodes serve the  *)
(* reader.  They share a database and nothing else.  A node opens the part *)
(* in a transaction that reads first and commits later; then it sends,     *)
(* slice by slice, for as long as its lease lasts, and asks the database   *)
(* for more time while it does.  Meanwhile she revokes, withdraws, pauses, *)
(* locks anew, checks in; trustees release their shares; stewards suspend  *)
(* the reader; a node loses its line to the database; an old backup is     *)
(* restored.  The promises are at the end.                                 *)
(*                                                                         *)
(* How to read this: a state is an assignment of values to the VARIABLES.  *)
(* An action is a formula about a state and the next one: x is the value   *)
(* now, x' the value then.  Next says which actions there are.  A model    *)
(* checker tries them all, in every order.                                 *)
(*                                                                         *)
(* internal/release/explore is the same model in Go, and make test tries   *)
(* it out whole; a test compares the names of its moves, promises and      *)
(* flaws with those of this page.                                          *)
(***************************************************************************)
EXTENDS Integers, FiniteSets

CONSTANTS
  Nodes,            \* those that serve the reader
  Trustees,         \* those whose shares are asked for
  Lease,            \* how long a stream may send without asking again
  Session,          \* how long an opening stays one read
  Day,              \* the length of a day
  End,              \* when the search stops
  From, Until, Max, \* the grant's terms; Max = 0 is as often as needed
  Threshold,        \* trustees whose shares it takes; 0 is none
  Silence, Wait,    \* her silence, and her time to think it over; Silence = 0 plays no part
  LastDay,          \* the first second of the day of her last act, in the beginning
  Acts,             \* the names of the acts that may be done, at most once each
  Restorable,       \* may the backup of the beginning be restored?
  Flaw              \* what is built wrongly; "Sound" is nothing

Sound == "Sound"
Flaws == { "DeliverBeforeRecord",   \* the header leaves before its event is durable
           "RenewWithoutAsking",    \* a lease is renewed because it is there
           "AnswerWithoutWaiting",  \* revoking returns while streams go on
           "ForgetSilentNodes",     \* who cannot be reached is taken to have stopped
           "LeaseFromCommit",       \* a lease counts from the commit, not from before the read
           "ReadsCountedApart",     \* the counter is read in one step and written in another
           "ClockAfterSnapshot",    \* the silence of then is judged at the time of now
           "PauseSeesSnapshot",     \* the pause looks for streams in a mere snapshot
           "OpeningTouchesNothing", \* an opening writes no row that a revocation writes
           "RestoreWithoutJournal" } \* an old backup is served as it is

ASSUME Flaw \in Flaws \union {Sound}

VARIABLES
  now,      \* the vault's clock
  db,       \* what has been committed
  node,     \* what each node is doing
  her,      \* the answer she waits for, if any
  done,     \* acts that were done
  journal,  \* what restricts, kept outside the database
  restored, \* whether the backup was put back
  sends,    \* the node that sent something in the last step, or nobody
  live,     \* the last second at which the grant was live; Never before
  events,   \* events that were ever recorded
  ended,    \* she was told that it is over for good
  stops     \* she was told that it is paused, and has not lifted it

vars == <<now, db, node, her, done, journal, restored, sends, live, events, ended, stops>>

Never  == -1000000
Nobody == "nobody"
NoAct  == "nothing"

----------------------------------------------------------------------------
(* The decision.  This is release.Decide, line by line: the first line that *)
(* applies is how the grant stands.  inSession says that a session which    *)
(* was begun goes on, so that nothing is counted.                           *)

ReleaseAt(d) == d.lastDay + Day + Silence + Wait

Open(d, t) == Silence = 0 \/ t >= ReleaseAt(d)

Fulfilled(d, t) == Cardinality(d.released) >= Threshold /\ Open(d, t)

Decide(d, t, inSession) ==
  CASE d.revoked \/ ~d.header                                    -> "revoked"
    [] ~(d.revoked \/ ~d.header) /\ t >= d.until                 -> "ended"
    [] OTHER ->
         IF d.suspended                                           THEN "suspended"
         ELSE IF d.held                                           THEN "held"
         ELSE IF d.paused                                         THEN "paused"
         ELSE IF t < d.from                                       THEN "waiting"
         ELSE IF ~Fulfilled(d, t)                                 THEN "withheld"
         ELSE IF ~inSession /\ d.max > 0 /\ d.reads >= d.max      THEN "used-up"
         ELSE "live"

InSession(d, t) == t < d.session
MayOpen(d, t)   == Decide(d, t, InSession(d, t)) = "live"
MayGoOn(d, t)   == Decide(d, t, TRUE) = "live"

Seconds(d, t) == IF MayGoOn(d, t) THEN t ELSE live \* what live becomes

----------------------------------------------------------------------------
(* The beginning.                                                           *)

Granted == [ revoked |-> FALSE, header |-> TRUE, held |-> FALSE, paused |-> FALSE, suspended |-> FALSE,
             from |-> From, until |-> Until, max |-> Max, reads |-> 0, session |-> 0,
             released |-> {}, lastDay |-> LastDay ]

Idle == [ tx |-> "none",        \* or "opening", "renewing": it has read, and has not committed
          stream |-> "none",    \* or "ready", "sending"
          cutOff |-> FALSE,     \* from the database, not from the reader
          row |-> FALSE,        \* its lease stands in the database
          old |-> FALSE,        \* the lease is for a header that has been replaced
          began |-> 0,          \* a moment before the transaction under way read anything
          until |-> 0,          \* the last second of the lease, as the node knows it
          read |-> FALSE,       \* the transaction under way counts a read
          recorded |-> FALSE,   \* what the stream serves has its event
          over |-> FALSE,       \* she was told that this stream has ended
          conflict |-> FALSE,   \* somebody has written a row that the transaction writes
          stale |-> FALSE,      \* somebody has written a row that it has read
          seen |-> FALSE,       \* somebody has read, serializably, what it writes
          readsThen |-> 0, dayThen |-> 0 ] \* what it read, for the flaws

NotWaiting == [ waiting |-> FALSE, for |-> NoAct, since |-> 0 ]

Init ==
  /\ now = 0 /\ db = Granted /\ node = [ n \in Nodes |-> Idle ] /\ her = NotWaiting
  /\ done = {} /\ journal = {} /\ restored = FALSE /\ sends = Nobody
  /\ live = IF MayGoOn(Granted, 0) THEN 0 ELSE Never
  /\ events = 0 /\ ended = FALSE /\ stops = FALSE

----------------------------------------------------------------------------
(* The database.  Transactions are serializable.  Two that write one row    *)
(* cannot both commit.  Of two that only read what the other writes, one    *)
(* may count as the earlier although it commits later, unless a third has   *)
(* seen the opposite.                                                       *)

Aborts(m) == m.conflict \/ (m.stale /\ m.seen)

\* What other transactions under way learn when somebody commits. Every opening
\* writes the row of its grant and, under a policy, relies on rows of it; renewing
\* a lease only reads.
Wrote(nodes, rows) ==
  [ n \in Nodes |->
      IF nodes[n].tx = "none" \/ rows = "none" THEN nodes[n]
      ELSE IF rows = "grant" /\ nodes[n].tx = "opening" THEN [ nodes[n] EXCEPT !.conflict = TRUE ]
      ELSE [ nodes[n] EXCEPT !.stale = TRUE ] ]

\* The rows that an act writes, as far as readers' transactions know them.
Rows(act) ==
  IF act \in {"Revoke", "Withdraw", "Erase", "Relock", "Renew", "Narrow"}
  THEN IF Flaw = "OpeningTouchesNothing" THEN "other" ELSE "grant"
  ELSE IF act = "ReleaseShare" THEN "grant"
  ELSE IF act = "Suspend" THEN "other"
  ELSE IF Silence > 0 /\ Flaw # "ClockAfterSnapshot" THEN "grant" \* openings rely on her silence
  ELSE IF Silence > 0 \/ act \in {"Pause", "Lift"} THEN "other"
  ELSE "none"

Remember(entry) == journal' = IF Restorable /\ ~restored THEN journal \union {entry} ELSE journal

----------------------------------------------------------------------------
(* A node.                                                                  *)

Reachable(n) == ~node[n].cutOff

\* The transaction of an opening begins: it reads, and decides.
Ask(n) ==
  /\ Reachable(n) /\ node[n].tx = "none" /\ node[n].stream = "none" /\ ~node[n].row
  /\ MayOpen(db, now) \/ Flaw = "ClockAfterSnapshot"
  /\ node' = [ node EXCEPT ![n] = [ Idle EXCEPT !.tx = "opening", !.began = now, !.read = ~InSession(db, now),
                                                !.readsThen = db.reads, !.dayThen = db.lastDay ] ]
  /\ sends' = Nobody
  /\ UNCHANGED <<now, db, her, done, journal, restored, live, events, ended, stops>>

\* It commits: the read, its event and a lease. A lease counts from before the read.
Record(n) ==
  LET m == node[n]
      decided == Flaw # "ClockAfterSnapshot" \/ MayOpen([ db EXCEPT !.lastDay = m.dayThen ], now)
      reads == IF Flaw = "ReadsCountedApart" THEN m.readsThen + 1 ELSE db.reads + 1
      until == IF Flaw = "LeaseFromCommit" THEN now + Lease ELSE m.began + Lease
      others == IF Flaw \in {"OpeningTouchesNothing", "ReadsCountedApart"} THEN node ELSE Wrote(node, "grant")
      end == IF now + Session < db.until THEN now + Session ELSE db.until
  IN /\ Reachable(n) /\ m.tx = "opening" /\ sends' = Nobody
     /\ IF Aborts(m) \/ ~decided
        THEN /\ node' = [ node EXCEPT ![n] = Idle ]
             /\ UNCHANGED <<db, journal, events>>
        ELSE /\ node' = [ others EXCEPT ![n] = [ Idle EXCEPT !.stream = "ready", !.row = TRUE, !.recorded = TRUE,
                                                             !.until = until, !.old = m.old ] ]
             /\ IF m.read
                THEN /\ db' = [ db EXCEPT !.reads = reads, !.session = end ]
                     /\ events' = events + 1
                     /\ Remember([ kind |-> "read", reads |-> reads, day |-> Never ])
                ELSE UNCHANGED <<db, journal, events>>
     /\ UNCHANGED <<now, her, done, restored, live, ended, stops>>

\* The header leaves, or another slice.
Send(n) ==
  /\ \/ node[n].stream # "none" /\ now <= node[n].until
     \/ Flaw = "DeliverBeforeRecord" /\ node[n].tx = "opening"
  /\ node' = [ node EXCEPT ![n].stream = "sending" ]
  /\ sends' = n
  /\ UNCHANGED <<now, db, her, done, journal, restored, live, events, ended, stops>>

\* A stream asks whether it may go on, and stops when it may not.
AskAgain(n) ==
  /\ Reachable(n) /\ node[n].tx = "none" /\ (node[n].stream # "none" \/ node[n].row)
  /\ node' = [ node EXCEPT ![n] =
       IF Flaw = "RenewWithoutAsking" \/ (MayGoOn(db, now) /\ ~node[n].old)
       THEN [ node[n] EXCEPT !.tx = "renewing", !.began = now, !.conflict = FALSE, !.stale = FALSE, !.seen = FALSE ]
       ELSE Idle ]
  /\ sends' = Nobody
  /\ UNCHANGED <<now, db, her, done, journal, restored, live, events, ended, stops>>

\* The renewal commits, or is refused and the old lease stays.
Extend(n) ==
  LET m == node[n]
      until == IF Flaw = "LeaseFromCommit" THEN now + Lease ELSE m.began + Lease
      good == ~Aborts(m) /\ m.row
  IN /\ Reachable(n) /\ m.tx = "renewing"
     /\ node' = [ node EXCEPT ![n] = [ m EXCEPT !.tx = "none", !.began = 0, !.conflict = FALSE, !.stale = FALSE, !.seen = FALSE,
                                                !.until = IF good THEN until ELSE m.until ] ]
     /\ sends' = Nobody
     /\ UNCHANGED <<now, db, her, done, journal, restored, live, events, ended, stops>>

\* The stream is done, and gives its lease back.
Stop(n) ==
  /\ Reachable(n) /\ node[n].tx = "none" /\ (node[n].stream # "none" \/ node[n].row)
  /\ node' = [ node EXCEPT ![n] = Idle ]
  /\ sends' = Nobody
  /\ UNCHANGED <<now, db, her, done, journal, restored, live, events, ended, stops>>

\* The line to the database breaks, and that to the reader does not.
CutOff(n) ==
  /\ Reachable(n) /\ node[n].stream # "none"
  /\ node' = [ node EXCEPT ![n].cutOff = TRUE, ![n].tx = "none" ]
  /\ sends' = Nobody
  /\ UNCHANGED <<now, db, her, done, journal, restored, live, events, ended, stops>>

----------------------------------------------------------------------------
(* She, the trustees and the stewards.                                      *)

Today == now - (now % Day)

\* Every act of hers says that she is there. Trustees who spoke in one silence have
\* to speak again in the next.
Heard(d) == IF Today <= d.lastDay THEN d
            ELSE [ d EXCEPT !.lastDay = Today, !.released = IF Silence > 0 THEN {} ELSE d.released ]

\* An act commits. It is done once; the next waits until she has her answer.
Commit(act, next, entry) ==
  /\ act \in Acts \ done /\ ~her.waiting
  /\ db' = next /\ done' = done \union {act}
  /\ live' = Seconds(next, now)
  /\ Remember(entry)
  /\ sends' = Nobody
  /\ UNCHANGED <<now, restored, events, ended>>

Waits(act) == her' = [ waiting |-> TRUE, for |-> act, since |-> now ]

Entry(kind) == [ kind |-> kind, reads |-> 0, day |-> Today ]

EndsForGood(act, kind) ==
  /\ ~db.revoked
  /\ Commit(act, [ Heard(db) EXCEPT !.revoked = TRUE, !.header = FALSE ], Entry(kind))
  /\ Waits(act) /\ node' = Wrote(node, Rows(act)) /\ UNCHANGED stops

Revoke   == EndsForGood("Revoke", "revoked")
Withdraw == EndsForGood("Withdraw", "revoked")
Erase    == EndsForGood("Erase", "erased")

\* A new header for everybody whose grant is not over: what was begun under the old
\* one ends, the counters stay.
Relock ==
  /\ ~db.revoked
  /\ Commit("Relock", [ Heard(db) EXCEPT !.session = 0, !.header = now < db.until ], Entry("checked-in"))
  /\ Waits("Relock") /\ UNCHANGED stops
  /\ node' = [ n \in Nodes |-> [ Wrote(node, Rows("Relock"))[n] EXCEPT !.old = node[n].row ] ]

Pause ==
  /\ Commit("Pause", [ Heard(db) EXCEPT !.paused = TRUE ], Entry("paused"))
  /\ Waits("Pause") /\ node' = Wrote(node, Rows("Pause")) /\ UNCHANGED stops

Lift ==
  /\ Commit("Lift", [ Heard(db) EXCEPT !.paused = FALSE ], Entry("checked-in"))
  /\ node' = Wrote(node, Rows("Lift")) /\ stops' = FALSE /\ UNCHANGED her

\* Where her silence plays a part, she waits for what was sent on its strength.
CheckIn ==
  /\ Commit("CheckIn", Heard(db), Entry("checked-in"))
  /\ IF Silence > 0 THEN Waits("CheckIn") ELSE UNCHANGED her
  /\ node' = Wrote(node, Rows("CheckIn")) /\ UNCHANGED stops

\* A second later, and for a second only.
Narrow ==
  /\ ~db.revoked
  /\ Commit("Narrow", [ Heard(db) EXCEPT !.from = db.from + 1, !.until = db.from + 2 ], Entry("narrowed"))
  /\ node' = Wrote(node, Rows("Narrow")) /\ UNCHANGED <<her, stops>>

Renew ==
  /\ ~db.revoked /\ now < db.until /\ ~db.suspended
  /\ Commit("Renew", [ Heard(db) EXCEPT !.from = 0, !.until = 2 * Until + 1, !.held = FALSE ], Entry("checked-in"))
  /\ node' = Wrote(node, Rows("Renew")) /\ UNCHANGED <<her, stops>>

\* A trustee's share. With silence, trustees are heard only while it lasts.
ReleaseShare(t) ==
  /\ "ReleaseShare" \in Acts /\ ~her.waiting /\ Threshold > 0 /\ t \notin db.released /\ ~db.paused /\ Open(db, now)
  /\ db' = [ db EXCEPT !.released = @ \union {t} ]
  /\ live' = Seconds(db', now)
  /\ node' = Wrote(node, Rows("ReleaseShare")) /\ sends' = Nobody
  /\ UNCHANGED <<now, her, done, journal, restored, events, ended, stops>>

Suspend ==
  /\ Commit("Suspend", [ db EXCEPT !.suspended = TRUE ], [ kind |-> "suspended", reads |-> 0, day |-> Never ])
  /\ node' = Wrote(node, Rows("Suspend")) /\ UNCHANGED <<her, stops>>

----------------------------------------------------------------------------
(* The answer.  It comes when nobody sends any more under what she ended,   *)
(* or nobody can: every lease of before has run out.                        *)

Ends(m) == m.row /\ (her.for = "Relock" => m.old)

\* Whoever revokes writes a row that openings write. A pause has no such row, and
\* looks in a serializable transaction instead: no opening that it does not see can
\* still commit as an earlier one.
Looked == [ n \in Nodes |-> [ node[n] EXCEPT !.seen = @ \/ (her.for = "Pause" /\ Flaw # "PauseSeesSnapshot" /\ node[n].tx # "none") ] ]

Left == { n \in Nodes : Ends(node[n]) /\ Flaw # "AnswerWithoutWaiting" /\ ~(Flaw = "ForgetSilentNodes" /\ node[n].cutOff) }

Tell(nodes) ==
  /\ stops' = (stops \/ her.for = "Pause")
  /\ ended' = (ended \/ her.for \in {"Revoke", "Withdraw", "Erase"})
  /\ node' = [ n \in Nodes |-> [ nodes[n] EXCEPT !.over = @ \/ (her.for = "Relock" /\ nodes[n].old)
                                                       \/ (her.for = "CheckIn" /\ nodes[n].stream # "none") ] ]
  /\ her' = NotWaiting /\ sends' = Nobody
  /\ UNCHANGED <<now, db, done, journal, restored, live, events>>

Answer == her.waiting /\ Left = {} /\ Tell(Looked)

Bury ==
  /\ her.waiting /\ Left # {} /\ now > her.since + Lease
  /\ Tell([ n \in Nodes |-> IF Ends(node[n]) THEN [ Looked[n] EXCEPT !.row = FALSE, !.conflict = TRUE ] ELSE Looked[n] ])

----------------------------------------------------------------------------
(* A restore, and time.                                                     *)

Kinds == { e.kind : e \in journal }
Newest(S) == CHOOSE x \in S : \A y \in S : y <= x

\* Everything restricting that has happened since is done once more.
Restored ==
  LET days  == { e.day : e \in journal } \union {LastDay}
      reads == { e.reads : e \in journal } \union {0}
      over  == Kinds \intersect {"revoked", "erased"} # {}
  IN [ Granted EXCEPT !.revoked = over, !.header = ~over, !.paused = "paused" \in Kinds, !.suspended = "suspended" \in Kinds,
                      !.held = "narrowed" \in Kinds, !.reads = Newest(reads), !.lastDay = Newest(days) ]

Restore ==
  /\ Restorable /\ ~restored /\ restored' = TRUE
  /\ db' = IF Flaw = "RestoreWithoutJournal" THEN Granted ELSE Restored
  /\ node' = [ n \in Nodes |-> Idle ] /\ her' = NotWaiting /\ sends' = Nobody
  /\ live' = Seconds(db', now)
  /\ UNCHANGED <<now, done, journal, events, ended, stops>>

\* A lease that has run out is forgotten: how long ago makes no difference.
Tick ==
  /\ now < End /\ now' = now + 1
  /\ node' = [ n \in Nodes |-> [ node[n] EXCEPT !.until = IF @ < now' THEN 0 ELSE @ ] ]
  /\ live' = Seconds(db, now') /\ sends' = Nobody
  /\ UNCHANGED <<db, her, done, journal, restored, events, ended, stops>>

----------------------------------------------------------------------------
Next ==
  \/ \E n \in Nodes : Ask(n) \/ Record(n) \/ Send(n) \/ AskAgain(n) \/ Extend(n) \/ Stop(n) \/ CutOff(n)
  \/ \E t \in Trustees : ReleaseShare(t)
  \/ Revoke \/ Withdraw \/ Erase \/ Relock \/ Pause \/ Lift \/ CheckIn \/ Narrow \/ Renew \/ Suspend
  \/ Answer \/ Bury \/ Restore \/ Tick

Spec == Init /\ [][Next]_vars

----------------------------------------------------------------------------
(* The promises.                                                            *)

\* No header leaves before its time: no stream sends before the grant was live once.
NothingBeforeItsTime == sends # Nobody => live # Never

\* Nobody reads outside a live grant: it is live, or was a lease ago at most.
LiveGrantOnly == sends # Nobody => now <= live + Lease

\* Once she has her answer nothing more is sent of what she has ended.
RevokeWins == sends # Nobody => ~ended /\ ~node[sends].over

\* The same while it is paused.
PausedServesNothing == sends # Nobody => ~stops

\* Before anything leaves, its event is durable.
EveryReadHasItsEvent == sends # Nobody => node[sends].recorded

\* No race reads more often than she allows.
ReadsWithinMaximum == db.max > 0 => events <= db.max

Promises == NothingBeforeItsTime /\ LiveGrantOnly /\ RevokeWins /\ PausedServesNothing /\ EveryReadHasItsEvent /\ ReadsWithinMaximum

THEOREM Spec => []Promises
=============================================================================
