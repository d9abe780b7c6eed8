package statement

// Acts lists every act there is, in the order of docs/protocol.md section 2.
func Acts() []Act {
	return []Act{
		ActKey, ActApply, ActAccredit, ActSuspend, ActRoster, ActCard, ActBegin, ActAdd, ActReceived, ActAdopt, ActGrant, ActRenew, ActNarrow,
		ActAsk, ActAnswer, ActPause, ActLift, ActPauseKey, ActCheckIn, ActWithdraw, ActReply, ActPolicy, ActRecovery, ActTrust, ActClaim,
		ActRelease, ActRekey, ActRewrap, ActMode, ActRevoke, ActRelock, ActErase,
		ActAgree, ActHalt, ActClient, ActRetire,
		ActCollection, ActConsultation,
	}
}

// Blank makes an empty body of an act, for whoever looks at its fields; nil when
// there is no such act.
func Blank(a Act) Body { return blank(a) }
