// Package coredump keeps the memory of a process from being written to a file
// when it crashes.
//
// The server's memory holds plaintext while it is sealed on arrival, the client's
// holds somebody's words: a crash dump would put them on a disk (promise P1).
// Promises, on Linux: neither core files nor dumps through a collector, and no
// other program of the same user can read the memory. Does not: lock memory
// against swapping, or stop an administrator.
package coredump
