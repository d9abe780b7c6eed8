package contracttest_test

// elsewhere names a test for each refusal that takes more to be had than this package
// does: of one operation, or of a status that comes from code which all operations share.
var elsewhere = map[string]string{
	"every 408": "TestASlowBodyIsGivenUp",            // a body that stalls, in the server's one reader of bodies
	"every 410": "TestAVaultEndsAsItsStewardsSaid",   // every route, before it is known who asks
	"every 429": "TestWhereAllAreBusyANewcomerWaits", // limits are counted before routes
	"every 500": "TestRefusalsAreProblems",           // whatever a handler does not explain
	"every 503": "TestTooMuchAtATimeIsPutOff",        // as many as are served at a time, and no database
	"every 507": "TestAFullStoreKeepsWhatItHas",      // one error of the store, of all that write

	// Who has not enrolled has a chain of no statement, and a statement that begins one
	// is of act key: the tests of the domains make others by hand.
	"every 403": "TestRefusalsAboutPeople",

	"approveRoster 404":     "TestWhatIsNotForTheCallerIsNotThere",
	"claimAccount 404":      "TestAVoidKeyIsLikeAnUnknownOne",
	"discoverUploads 404":   "TestNothingThereLooksLikeNotYours", // an escaped slash in the address
	"rekey 404":             "TestAVoidKeyIsLikeAnUnknownOne",
	"setPauseCode 404":      "TestAVoidKeyIsLikeAnUnknownOne",
	"setRecovery 404":       "TestWhoMayBeATrustee",
	"agreeWithPartner 409":  "TestAgreementsThatAreRefused",
	"haltPartner 409":       "TestOneStewardHaltsForGood",
	"invitePresent 404":     "TestAProgramIsLetInAndStopsAtOnce",
	"invitePresent 409":     "TestARepetitionInFlightIsToldToWait",
	"invitePresent 422":     "TestARepeatedInvitationIsTheSame",
	"registerClient 404":    "TestRegistrationsThatAreRefused",
	"registerClient 409":    "TestRegistrationsThatAreRefused",
	"retireKey 409":         "TestAKeyIsRotatedWithoutAPause",
	"lift 404":              "TestPausingWhatIsAnothersIsLikePausingNothing",
	"agreeWithPartner 404":  "TestAgreementsThatAreRefused",
	"openPart 409":          "TestRangesOfOneDayAreOneOpening",
	"addLargePart 409":      "TestStatementsAreAcceptedInOrderOnly",
	"answerRecovery 409":    "TestARecoveryEnds",
	"apply 409":             "TestRefusalsAboutPeople",
	"approveRoster 409":     "TestChangingTheRosterOverHTTP",
	"arrive 409":            "TestStatementsAreAcceptedInOrderOnly",
	"arrive 422":            "TestBrokenArrivalsLeaveNothing",
	"enrol 409":             "TestRefusalsAboutPeople",
	"exportPart 409":        "TestSheSeesARefusedExport",
	"getUpload 409":         "TestAnUploadGoesBackWhereADiskHasForgotten",
	"invite 409":            "TestARepetitionInFlightIsToldToWait",
	"releaseToClaimant 409": "TestAnyActOfHersStopsAClaim",
	"sendPayload 409":       "TestTus",
	"setMode 409":           "TestEvidenceIsAnActOfItsOwn",
	"setRecovery 409":       "TestWhoMayBeATrustee",
	"exportPart 416":        "TestTheVaultKeepsItsContract", // as openPart, which is the same code
	"getUpload 416":         "TestAnUploadGoesBackWhereADiskHasForgotten",
	"openPart 416":          "TestTheVaultKeepsItsContract",
	"createUpload 422":      "TestTus",
	"invite 422":            "TestARepeatedInvitationIsTheSame",
	"sendPayload 422":       "TestAnUploadTakesOnlyWhatWasBegun",
	"measureUpload 423":     "TestTwoClientsRaceOnOneUpload",
	"sendPayload 423":       "TestTwoClientsRaceOnOneUpload",
	"terminateUpload 423":   "TestTwoClientsRaceOnOneUpload",
	"sendPayload 460":       "TestTus",

	"setNote 404":             "TestANoteIsItsReadersAlone",
	"setNote 422":             "TestANoteIsItsReadersAlone",
	"tellThatSheWasHeard 409": "TestStatementsAreAcceptedInOrderOnly",
	"withdraw 404":            "TestOnlySheWithdraws",

	"openConsultation 404":     "TestAnOfficerOpensACall",
	"openConsultation 409":     "TestStatementsAreAcceptedInOrderOnly",
	"registerConsultation 404": "TestWhatBelongsToACall",
	"registerConsultation 409": "TestARepetitionInFlightIsToldToWait",

	// What partners bring, and phones: most of it needs a tray, an item or a form first.
	"acknowledgeWithdrawal 409": "TestAWithdrawalMustBeAcknowledged",
	"acknowledgeWithdrawal 422": "TestAWithdrawalMustBeAcknowledged",
	"addCollector 409":          "TestARepetitionInFlightIsToldToWait",
	"addCollector 422":          "TestARepeatedInvitationIsTheSame",
	"addForm 404":               "TestCollectorsAndFormsBelongToOnePartner",
	"addForm 409":               "TestDangerousFormsAreRefused",
	"addForm 422":               "TestDangerousFormsAreRefused",
	"adoptItem 409":             "TestAnAdoptionThatFailsMovesNothing",
	"changeWebhook 404":         "TestEndpointsAreTheirPartners",
	"changeWebhook 409":         "TestARepetitionInFlightIsToldToWait",
	"changeWebhook 422":         "TestTargetsAreHTTPSToPublicNames",
	"createWebhook 409":         "TestARepetitionInFlightIsToldToWait",
	"createWebhook 422":         "TestTargetsAreHTTPSToPublicNames",
	"deliver 404":               "TestWhoMayNotPutLearnsNothing",
	"deliver 409":               "TestABrokenItemLeavesNothing",
	"deliver 411":               "TestABrokenItemLeavesNothing",
	"deliver 422":               "TestABrokenItemLeavesNothing",
	"deliverPlaintext 404":      "TestWhoMayNotPutLearnsNothing",
	"deliverPlaintext 409":      "TestWhatTheVaultSealsSaysSo",
	"deliverPlaintext 422":      "TestWhatTheVaultSealsSaysSo",
	"getItem 416":               "TestOnlySheTouchesWhatWaits",
	"getDelivery 404":           "TestOnlySheTouchesWhatWaits",
	"listCollectors 404":        "TestCollectorsAndFormsBelongToOnePartner",
	"listDeliveries 404":        "TestWhoMayNotPutLearnsNothing",
	"listForms 404":             "TestCollectorsAndFormsBelongToOnePartner",
	"listItems 404":             "TestOnlySheTouchesWhatWaits",
	"listReturns 404":           "TestOnlySheTouchesWhatWaits",
	"listTrays 404":             "TestOnlySheTouchesWhatWaits",
	"nameConsultation 409":      "TestTheVaultKeepsItsContract",
	"openCollection 404":        "TestWhoMayNotOpenACollection",
	"openCollection 409":        "TestWhoMayNotOpenACollection",
	"openTray 409":              "TestTraysAreBounded",
	"openTray 422":              "TestARepeatedInvitationIsTheSame",
	"phoneAsks 404":             "TestATokenIsGoodOrUnknown",
	"phoneForm 404":             "TestPhonesGetTheFormsOfTheirCollection",
	"phoneForms 404":            "TestATokenIsGoodOrUnknown",
	"phoneManifest 404":         "TestPhonesGetTheFormsOfTheirCollection",
	"phoneSends 404":            "TestATokenIsGoodOrUnknown",
	"phoneSends 409":            "TestAnotherFormUnderTheSameIDIsRefused",
	"replayWebhook 409":         "TestARepetitionInFlightIsToldToWait",
	"replayWebhook 422":         "TestARepeatedRequestTakesEffectOnce",
	"rotateCollector 409":       "TestATokenCanBeChanged",
	"rotateCollector 422":       "TestATokenCanBeChanged",
	"rotateWebhook 409":         "TestARepetitionInFlightIsToldToWait",
	"rotateWebhook 422":         "TestARepeatedRequestTakesEffectOnce",
	"testWebhook 409":           "TestARepetitionInFlightIsToldToWait",
	"testWebhook 422":           "TestARepeatedRequestTakesEffectOnce",

	// Large items on their way. Whoever waits for its turn, or loses it, is told so by the
	// code that her own uploads are told by.
	"beginItem 404":           "TestWhoMayNotPutLearnsNothing",
	"beginItem 409":           "TestALargeItemGoesOnWhereItsLineBroke",
	"beginItem 412":           "TestTheVaultKeepsItsContract",
	"beginItem 423":           "TestTwoClientsRaceOnOneUpload",
	"discoverItemUploads 404": "TestNothingThereLooksLikeNotYours", // an escaped slash in the address
	"giveUpItem 412":          "TestTheVaultKeepsItsContract",
	"giveUpItem 423":          "TestTwoClientsRaceOnOneUpload",
	"measureItem 412":         "TestTheVaultKeepsItsContract",
	"measureItem 423":         "TestTwoClientsRaceOnOneUpload",
	"sendItem 409":            "TestTheVaultKeepsItsContract",
	"sendItem 412":            "TestTheVaultKeepsItsContract",
	"sendItem 422":            "TestAnItemThatIsNotFinishedLeavesNothing",
	"sendItem 423":            "TestTwoClientsRaceOnOneUpload",
	"sendItem 460":            "TestTheVaultKeepsItsContract",
}
