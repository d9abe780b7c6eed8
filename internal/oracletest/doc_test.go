// Package oracletest asks a vault for what is not the caller's, in every way
// there is, and wants to learn nothing: what exists and is not theirs must be
// answered like what does not exist, byte for byte (promise P7).
//
// The requests are made from the vault's own contract, so a new route is asked
// as soon as it is served; one that takes a body fails the test until it is said
// here what a stranger would send. What anybody may ask, and what everybody who has
// enrolled is told of partners, is not nothing to a stranger; it has tests of its own.
package oracletest_test
