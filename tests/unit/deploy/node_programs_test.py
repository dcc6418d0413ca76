#!/usr/bin/env python3
"""The files of deploy/ for one agent per node with the real load balancer, in front of real agents.

    node_programs_test.py ROOT BINARY [UNITTEST-ARGUMENT]...
"""

from node_agent import Agent, Cluster
from product import NODE, ROOT, Form, read
from run_balancers import NODES, Balanced, RunsHaproxy, RunsKeepalived, main

FORM = Form(NODE, "agent")
UP, DOWN = ("UP", "L7OK"), ("DOWN", "L7STS")


class TwoAgents(Balanced):
    """Two nodes with an agent each, and a pod of `web` and one of `dns` on each, which are ready."""

    def setUp(self):
        super().setUp()
        self.cluster = Cluster()
        self.addCleanup(self.cluster.stop)
        for node in ["node-a", "node-b"]:
            for workload in ["web", "dns"]:
                self.cluster.put(node, workload, True)
        self.agents = {}
        for node, address in zip(["node-a", "node-b"], NODES):
            self.serve(node, address)
        for agent in self.agents.values():
            agent.wait_for("/nodez", 200)

    def serve(self, node, address):
        agent = self.agents[node] = Agent(
            self.cluster, node, "--drain-status", FORM.option("DRAIN_STATUS"), "--agent-listen",
            f"{address}:{FORM.node_port('agent')}", address=address, port=FORM.node_port("health"))
        self.addCleanup(agent.stop)
        return agent


class Haproxy(TwoAgents, RunsHaproxy):
    def all_up(self, program):
        for backend in ["web", "dns"]:
            self.wait(program, lambda now: set(now.values()) == {UP}, backend)

    def test_only_the_backend_and_the_server_of_the_workload_change(self):
        program = self.start(ROOT / "deploy/haproxy/node.cfg")
        self.all_up(program)
        self.cluster.put("node-a", "web", False)
        program.says('web/node-a is DOWN.*info: "ContainerNotReady"')
        self.assertEqual(self.statuses(program, "web"), {"node-a": DOWN, "node-b": UP})
        self.assertEqual(set(self.statuses(program, "dns").values()), {UP})
        self.cluster.put("node-a", "web", True)
        program.says("web/node-a is UP")
        self.assertEqual(program.has_said("dns/node-. is DOWN|node-b is DOWN"), [])

    def test_with_its_agent_check_it_notices_at_once_and_tells_a_drain_from_down(self):
        program = self.start(ROOT / "deploy/haproxy/node-agent.cfg")
        self.all_up(program)
        self.cluster.put("node-b", "dns", False)
        program.says(r'dns/node-b is DOWN.*info: "via agent : down \(ContainerNotReady\)"')
        self.cluster.put("node-a", "web", True, leaving=True)
        self.wait(program, lambda now: now["node-a"][0] == "DRAIN (agent)", "web")
        self.assertEqual(self.statuses(program, "dns")["node-a"], UP)
        self.cluster.put("node-b", "dns", True)
        self.cluster.put("node-a", "web", True)
        self.all_up(program)

    def test_an_agent_that_is_replaced_takes_no_workload_out(self):
        """It is away until a file that does not wait for it has taken its node out, so that this test can fail."""
        programs = []
        for name in ["node.cfg", "node-agent.cfg"]:
            text = read(f"deploy/haproxy/{name}")
            self.assertIn("fall 15", text)
            programs.append((self.start(ROOT / "deploy/haproxy" / name, name),
                             self.start(self.file(f"hasty-{name}", text.replace("fall 15", "fall 4")), f"hasty-{name}")))
        for shipped, hasty in programs:
            self.all_up(shipped)
            self.all_up(hasty)
        self.agents["node-a"].process.terminate()
        for _, hasty in programs:
            hasty.says("web/node-a is DOWN")
        self.serve("node-a", NODES[0]).wait_for("/nodez", 200)
        for shipped, _ in programs:
            self.all_up(shipped)
            self.assertEqual(shipped.has_said("is DOWN|is going DOWN|enters drain"), [])


class Keepalived(TwoAgents, RunsKeepalived):
    def test_its_servers_weights_follow_the_workload(self):
        program = self.start("keepalived/node.conf", self.preloaded())
        first, second = (program.says(r"ipvs: edit .* weight 1$") for _ in NODES)  # in any order
        self.assertNotEqual(first, second)
        self.cluster.put("node-a", "web", False)
        self.cluster.put("node-b", "dns", False)
        program.says(r"ipvs: edit 192.0.2.12:31053 weight 0$")
        self.cluster.put("node-b", "dns", True)
        program.says(r"ipvs: edit 192.0.2.12:31053 weight 1$")
        self.assertEqual(program.has_said(r"ipvs: edit 192.0.2.11:31053 weight 0$"), [])


if __name__ == "__main__":
    main()
