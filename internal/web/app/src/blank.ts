// The neutral page. Whatever of the site lies ahead in the history is cut off, so that
// neither Back nor Forward returns.

if (history.length > 1) history.pushState(null, "");
