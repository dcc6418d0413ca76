"""The pods of a node as the stand-in API server knows them, changed one after the other, and what is right to answer."""

import random
import typing

NAMESPACES = ("play", "shop")


class Right(typing.NamedTuple):
    """The only right answer while nothing changes."""
    status: int
    phrase: str
    weight: int


class Pod:
    def __init__(self, name_space, name, workload):
        self.name_space, self.name, self.workload = name_space, name, workload
        self.is_there = self.is_labelled = self.is_here = self.is_ready = True

    def is_counted(self):
        return self.is_there and self.is_labelled and self.is_here

    def where(self):
        return f"pod={self.name}&namespace={self.name_space}"


class Workload:
    def __init__(self, name_space, name):
        self.path, self.pods = f"/healthz/{name_space}/{name}", []

    def right(self):
        counted = [pod for pod in self.pods if pod.is_counted()]
        ready = sum(pod.is_ready for pod in counted)
        if ready:
            return Right(200, "OK", ready)
        return Right(500, "ContainerNotReady" if counted else "NoPodOnNode", 0)


class Pods:
    """Of two namespaces and `workloads` workloads, all ready. Each change is one event for who watches the node."""

    def __init__(self, count, workloads, node="node-a"):
        self.node, self.workloads, self.pods = node, [], []
        for name_space in NAMESPACES:
            share = workloads // len(NAMESPACES)
            group = [Workload(name_space, f"w-{number}") for number in range(share)]
            for number in range(count // len(NAMESPACES)):
                one = Pod(name_space, f"pod-{number}", group[number % share])
                one.workload.pods.append(one)
                self.pods.append(one)
            self.workloads += group

    def create(self, control):
        for name_space in NAMESPACES:
            count = len(self.pods) // len(NAMESPACES)
            control("POST", f"/pods?pod=pod&namespace={name_space}&count={count}&workload=w"
                            f"&workloads={len(self.workloads) // len(NAMESPACES)}&node={self.node}")

    def change(self):
        """Of one pod, so that its workload has a ready pod more or less: the pod, and what makes the stand-in do it."""
        pod = random.choice(self.pods)
        if not pod.is_there:
            pod.is_there = pod.is_ready = True
            name = pod.workload.path.rpartition("/")[2]
            return pod, "POST", f"/pod?{pod.where()}&workload={name}&node={self.node}"
        if not pod.is_labelled:
            pod.is_labelled = True
            return pod, "POST", f'/label?{pod.where()}&value={pod.workload.path.rpartition("/")[2]}'
        if not pod.is_here:
            pod.is_here = True
            return pod, "POST", f"/move?{pod.where()}&node={self.node}"
        if not pod.is_ready:
            pod.is_ready = True
            return pod, "POST", f"/ready?{pod.where()}&container=app&value=true"
        return self.take_away(pod)

    @staticmethod
    def take_away(pod):
        kind = random.choices(("unready", "unlabel", "move", "delete"), (6, 2, 1, 2))[0]
        if kind == "unready":
            pod.is_ready = False
            return pod, "POST", f"/ready?{pod.where()}&container=app&value=false"
        if kind == "unlabel":
            pod.is_labelled = False
            return pod, "POST", f"/label?{pod.where()}"
        if kind == "move":
            pod.is_here = False
            return pod, "POST", f"/move?{pod.where()}&node=node-b"
        pod.is_there = False
        return pod, "DELETE", f"/pod?{pod.where()}"
