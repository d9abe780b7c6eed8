package main

import (
	"context"
	"flag"
	"runtime"
	"runtime/debug"
)

// section is a group of commands as the help shows them.
type section struct {
	title    string
	commands []command
}

func sections() []section {
	return []section{
		{"For whoever has something to tell", []command{
			enrolCommand(), addCommand(), abandonCommand(), listCommand(), showCommand(), openCommand(), cardCommand(), adoptCommand(), readersCommand(),
			grantCommand(), renewCommand(), narrowCommand(), answerCommand(), revokeCommand(), withdrawCommand(), withdrawalsCommand(), receiptCommand(),
			pauseCommand(), liftCommand(), pauseCodeNewCommand(), pauseCodeEndCommand(), relockCommand(), modeCommand(), eraseCommand(),
			policySetCommand(), policyListCommand(), policyReplaceCommand(), checkInCommand(),
			accountCommand(), feedCommand(), headCommand(), rekeyCommand(), takeoutCommand(), importCommand(), exportOwnCommand(),
			trayOpenCommand(), trayCardCommand(), trayListCommand(), trayCloseCommand(), itemListCommand(), itemOpenCommand(), itemAdoptCommand(), itemRefuseCommand(), itemReturnsCommand(),
			recoverySetCommand(), recoveryShowCommand(), recoveryEndCommand(), recoveryClaimCommand(), recoveryFinishCommand()}},
		{"For those whom somebody trusts", []command{trusteeOfferCommand(), trusteeListCommand(), trusteeAgreeCommand(), trusteeDeclineCommand(), trusteeReleaseCommand(),
			recoveryListCommand(), recoveryAnswerCommand("recovery agree", true, "agree to be a trustee for lost words"),
			recoveryAnswerCommand("recovery decline", false, "decline, and take back what you gave"), recoveryReleaseCommand()}},
		{"For researchers", []command{researcherEnrolCommand(), inboxCommand(), researcherOpenCommand(), playCommand(), exportCommand(), exportMetadataCommand(), exportUwaziCommand(), exportBundleCommand(), exportStampCommand(), exportCheckCommand(), researcherAskCommand(), notesCommand(), heardCommand(), endingsCommand(), replyCommand(), sharedKeyCommand()}},
		{"For stewards", []command{
			stewardNewCommand(), stewardKeyCommand(), canaryCommand(), stewardJoinCommand(), admitCommand(), removeCommand(), approveCommand(), farewellCommand(), applicationsCommand(),
			accreditCommand(), suspendCommand(), inviteCommand(), agreeCommand(), haltCommand(), partnersCommand(), overdueCommand()}},
		{"For officers of partner organisations, and their programs", []command{
			partnerEnrolCommand(), partnerRegisterCommand(), partnerRetireCommand(), partnerProgramsCommand(), partnerKeyCommand(), partnerCheckCommand(),
			partnerInviteCommand(), deliverCommand(), deliveriesCommand(), acknowledgeCommand(),
			collectionOpenCommand(), collectionListCommand(), collectionImportCommand(), collectionClaimCommand(), consultationOpenCommand(), consultationShowCommand(),
			odkFormCommand(), odkAddCommand(), odkPhoneCommand(), odkListCommand(), odkRevokeCommand(), odkWithdrawCommand(), odkFetchCommand(), odkOpenCommand()}},
		{"For everybody, and for other programs", []command{
			verifyCommand(), vaultCommand(), identityCommand(), tokenCommand(), proofCommand(), signCommand(), versionCommand()}},
	}
}

func commands() []command {
	var out []command
	for _, s := range sections() {
		out = append(out, s.commands...)
	}
	return out
}

func versionCommand() command {
	return command{name: "version", brief: "say what this program is", make: func() action { return new(version) }}
}

type version struct{}

func (*version) flags(*flag.FlagSet) {}

func (*version) run(_ context.Context, p *program, args []string) error {
	if err := takes(args, 0, 0); err != nil {
		return err
	}
	v := "unknown"
	if info, ok := debug.ReadBuildInfo(); ok {
		v = first(info.Main.Version, v)
	}
	return p.tell(map[string]any{"version": v, "go": runtime.Version()}, func(out *screen) {
		out.sayf("testimony %s (%s, %s/%s)\n", v, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	})
}
