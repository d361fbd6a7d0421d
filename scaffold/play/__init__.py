"""``stylus-ai play``: the web page of a deployed model.

`description` says what the page is told of the project, `answer` what Python answers to a row,
`server` hands out both and the files of ``scaffold/page`` and of the project's own ``page/``,
`session` holds node, contract and server together for as long as the page is open.
"""
