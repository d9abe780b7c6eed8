package main

// Demo plays the story, for the test outside.
var Demo = demo
