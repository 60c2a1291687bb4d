"""Speed that can be left out: `RLVF_EXECUTOR_TUNING=off` makes forks slower, and verdicts the same.

What a verdict costs without each piece, in CPU time, divided by what it costs with all of them:
`make bench-tuning`, 12 rounds of 1,312 gradings on two quiet cores; median and quartiles.

    warm-up (`forks.warm_up`)               1.03  (0.96 to 1.09)
    hot pages (`hot_pages`, `rehearsal`)    1.09  (1.02 to 1.16)
    large pages (`forks.use_large_pages`)   1.09  (1.01 to 1.16)
"""
