package contracttest_test

// elsewhere names a test for each refusal that needs more than one request to be had.
var elsewhere = map[string]string{}
