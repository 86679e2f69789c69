"""The second floor: a network learns from performances. TensorFlow is loaded here.

backend -> recurrence -> network -> objective, judged by step_scores -> metrics; hyperparameters ->
balance (what is heard in an epoch); checkpoint, cluster, curves -> journal; all of it -> fit (a
run) -> finetune (a run on one's own playing)
"""
