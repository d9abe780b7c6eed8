package contracttest_test

// elsewhere names a test for each refusal that takes more to be had than this package
// does: of one operation, or of a status that comes from code which all operations share.
var elsewhere = map[string]string{
	"every 408": "TestASlowBodyIsGivenUp",            // a body that stalls, in the server's one reader of bodies
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
}
