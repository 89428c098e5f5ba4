import numpy as np
from simulation.engine.state import STRENGTH, N_TIED
def strengths(c):
    t=c.course.ties; m=c.world.m
    w=np.zeros((m,m))
    for i in range(m):
        for s in range(t.end[i,N_TIED]): w[i,t.other[i,s]]=t.value[i,STRENGTH,s]
    return w
