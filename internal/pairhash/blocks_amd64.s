#include "textflag.h"

// SHA-256 over two messages at once (FIPS 180-4, section 6.2.2). A digest's state
// lies in two registers, as the instructions want it: words a, b, e, f in one and
// c, d, g, h in the other. The four registers behind it hold sixteen words of the
// message schedule; each MORE makes the next four words and does four rounds with
// them. What belongs to the first message is in X1 to X6 and X13, to the second
// in X7 to X12 and X14. X0 is where SHA256RNDS2 looks for words plus constants.

DATA rounds<>+0(SB)/8, $0x71374491428a2f98
DATA rounds<>+8(SB)/8, $0xe9b5dba5b5c0fbcf
DATA rounds<>+16(SB)/8, $0x59f111f13956c25b
DATA rounds<>+24(SB)/8, $0xab1c5ed5923f82a4
DATA rounds<>+32(SB)/8, $0x12835b01d807aa98
DATA rounds<>+40(SB)/8, $0x550c7dc3243185be
DATA rounds<>+48(SB)/8, $0x80deb1fe72be5d74
DATA rounds<>+56(SB)/8, $0xc19bf1749bdc06a7
DATA rounds<>+64(SB)/8, $0xefbe4786e49b69c1
DATA rounds<>+72(SB)/8, $0x240ca1cc0fc19dc6
DATA rounds<>+80(SB)/8, $0x4a7484aa2de92c6f
DATA rounds<>+88(SB)/8, $0x76f988da5cb0a9dc
DATA rounds<>+96(SB)/8, $0xa831c66d983e5152
DATA rounds<>+104(SB)/8, $0xbf597fc7b00327c8
DATA rounds<>+112(SB)/8, $0xd5a79147c6e00bf3
DATA rounds<>+120(SB)/8, $0x1429296706ca6351
DATA rounds<>+128(SB)/8, $0x2e1b213827b70a85
DATA rounds<>+136(SB)/8, $0x53380d134d2c6dfc
DATA rounds<>+144(SB)/8, $0x766a0abb650a7354
DATA rounds<>+152(SB)/8, $0x92722c8581c2c92e
DATA rounds<>+160(SB)/8, $0xa81a664ba2bfe8a1
DATA rounds<>+168(SB)/8, $0xc76c51a3c24b8b70
DATA rounds<>+176(SB)/8, $0xd6990624d192e819
DATA rounds<>+184(SB)/8, $0x106aa070f40e3585
DATA rounds<>+192(SB)/8, $0x1e376c0819a4c116
DATA rounds<>+200(SB)/8, $0x34b0bcb52748774c
DATA rounds<>+208(SB)/8, $0x4ed8aa4a391c0cb3
DATA rounds<>+216(SB)/8, $0x682e6ff35b9cca4f
DATA rounds<>+224(SB)/8, $0x78a5636f748f82ee
DATA rounds<>+232(SB)/8, $0x8cc7020884c87814
DATA rounds<>+240(SB)/8, $0xa4506ceb90befffa
DATA rounds<>+248(SB)/8, $0xc67178f2bef9a3f7
GLOBL rounds<>(SB), RODATA|NOPTR, $256
DATA flip<>+0(SB)/8, $0x0405060700010203
DATA flip<>+8(SB)/8, $0x0c0d0e0f08090a0b
GLOBL flip<>(SB), RODATA|NOPTR, $16

// FOUR does four rounds of both with the words w and v.
#define FOUR(at, w, v) \
	MOVO        w, X0         \
	PADDD       at(R8), X0    \
	SHA256RNDS2 X0, X1, X2    \
	PSHUFD      $0x0E, X0, X0 \
	SHA256RNDS2 X0, X2, X1    \
	MOVO        v, X0         \
	PADDD       at(R8), X0    \
	SHA256RNDS2 X0, X7, X8    \
	PSHUFD      $0x0E, X0, X0 \
	SHA256RNDS2 X0, X8, X7

// LOAD reads four words of both messages, which are big-endian.
#define LOAD(at, w, v) \
	MOVOU  at(DI), w \
	PSHUFB X15, w    \
	MOVOU  at(SI), v \
	PSHUFB X15, v

// NEXT makes the four words that follow w0, w1, w2 and w3, in w0.
#define NEXT(w0, w1, w2, w3, t) \
	SHA256MSG1 w1, w0    \
	MOVO       w3, t     \
	PALIGNR    $4, w2, t \
	PADDD      t, w0     \
	SHA256MSG2 w3, w0

#define MORE(at, w0, w1, w2, w3, v0, v1, v2, v3) \
	NEXT(w0, w1, w2, w3, X13) \
	NEXT(v0, v1, v2, v3, X14) \
	FOUR(at, w0, v0)

// UNPACK puts the eight words of a state where the instructions want them, and
// PACK puts them back.
#define UNPACK(at, abef, cdgh, t) \
	MOVOU   0(at), t         \
	MOVOU   16(at), cdgh     \
	PSHUFD  $0xB1, t, t      \
	PSHUFD  $0x1B, cdgh, cdgh \
	MOVO    t, abef          \
	PALIGNR $8, cdgh, abef   \
	PBLENDW $0xF0, t, cdgh

#define PACK(at, abef, cdgh, t) \
	PSHUFD  $0x1B, abef, abef \
	PSHUFD  $0xB1, cdgh, cdgh \
	MOVO    abef, t          \
	PBLENDW $0xF0, cdgh, t   \
	PALIGNR $8, abef, cdgh   \
	MOVOU   t, 0(at)         \
	MOVOU   cdgh, 16(at)

// func twice(a, b *[8]uint32, p, q *byte, n int)
TEXT ·twice(SB), NOSPLIT, $64-40
	MOVQ  a+0(FP), AX
	MOVQ  b+8(FP), BX
	MOVQ  p+16(FP), DI
	MOVQ  q+24(FP), SI
	MOVQ  n+32(FP), CX
	LEAQ  rounds<>(SB), R8
	MOVOU flip<>(SB), X15
	UNPACK(AX, X1, X2, X13)
	UNPACK(BX, X7, X8, X14)

block:
	MOVOU X1, 0(SP)
	MOVOU X2, 16(SP)
	MOVOU X7, 32(SP)
	MOVOU X8, 48(SP)
	LOAD(0, X3, X9)
	FOUR(0, X3, X9)
	LOAD(16, X4, X10)
	FOUR(16, X4, X10)
	LOAD(32, X5, X11)
	FOUR(32, X5, X11)
	LOAD(48, X6, X12)
	FOUR(48, X6, X12)
	MORE(64, X3, X4, X5, X6, X9, X10, X11, X12)
	MORE(80, X4, X5, X6, X3, X10, X11, X12, X9)
	MORE(96, X5, X6, X3, X4, X11, X12, X9, X10)
	MORE(112, X6, X3, X4, X5, X12, X9, X10, X11)
	MORE(128, X3, X4, X5, X6, X9, X10, X11, X12)
	MORE(144, X4, X5, X6, X3, X10, X11, X12, X9)
	MORE(160, X5, X6, X3, X4, X11, X12, X9, X10)
	MORE(176, X6, X3, X4, X5, X12, X9, X10, X11)
	MORE(192, X3, X4, X5, X6, X9, X10, X11, X12)
	MORE(208, X4, X5, X6, X3, X10, X11, X12, X9)
	MORE(224, X5, X6, X3, X4, X11, X12, X9, X10)
	MORE(240, X6, X3, X4, X5, X12, X9, X10, X11)
	MOVOU 0(SP), X13
	PADDD X13, X1
	MOVOU 16(SP), X14
	PADDD X14, X2
	MOVOU 32(SP), X13
	PADDD X13, X7
	MOVOU 48(SP), X14
	PADDD X14, X8
	ADDQ  $64, DI
	ADDQ  $64, SI
	DECQ  CX
	JNZ   block
	PACK(AX, X1, X2, X13)
	PACK(BX, X7, X8, X14)
	RET

// func supported() bool
TEXT ·supported(SB), NOSPLIT, $0-1
	MOVB  $0, ret+0(FP)
	XORL  AX, AX
	CPUID
	CMPL  AX, $7
	JLT   no
	MOVL  $1, AX
	CPUID
	ANDL  $0x00080200, CX // SSE4.1 and SSSE3
	CMPL  CX, $0x00080200
	JNE   no
	MOVL  $7, AX
	XORL  CX, CX
	CPUID
	BTL   $29, BX // SHA
	JCC   no
	MOVB  $1, ret+0(FP)

no:
	RET
