"""The Pod Security Standards of Kubernetes (kubernetes.io/docs/concepts/security/pod-security-standards) on a pod.

Each control is as strict as in any version from 1.29 on, with nothing of what later ones allow besides: the first
sysctls alone, no hosts in probes (forbidden since 1.34), no ease for pods of Windows or with a user namespace
(`hostUsers: false`). So a pod without a violation passes everywhere. AppArmor's annotations, which a field replaced in
1.30, are in no spec.
"""

UNSET = None
LISTS = ("initContainers", "containers", "ephemeralContainers")
PROFILES = ("RuntimeDefault", "Localhost")
ADDED_IN_BASELINE = (
    "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP",
    "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT")
SYSCTLS = ("kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.ip_unprivileged_port_start",
           "net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range")
VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}
HANDLERS = ["startupProbe", "livenessProbe", "readinessProbe", "lifecycle.postStart", "lifecycle.preStop"]

# Field -> the values it may have, of the pod, of each container, and of the security contexts of both.
BASELINE_OF_THE_POD = {
    "hostNetwork": (UNSET, False), "hostPID": (UNSET, False), "hostIPC": (UNSET, False),
    "volumes[*].hostPath": (UNSET,), "securityContext.sysctls[*].name": SYSCTLS}
BASELINE_OF_CONTAINERS = {
    "securityContext.privileged": (UNSET, False), "securityContext.procMount": (UNSET, "Default"),
    "securityContext.capabilities.add[*]": ADDED_IN_BASELINE, "ports[*].hostPort": (UNSET, 0),
    **{f"{handler}.{action}.host": (UNSET, "") for handler in HANDLERS for action in ("httpGet", "tcpSocket")}}
BASELINE_OF_BOTH = {
    "windowsOptions.hostProcess": (UNSET, False), "appArmorProfile.type": (UNSET, *PROFILES),
    "seccompProfile.type": (UNSET, *PROFILES),
    "seLinuxOptions.type": (UNSET, "", "container_t", "container_init_t", "container_kvm_t"),
    "seLinuxOptions.user": (UNSET, ""), "seLinuxOptions.role": (UNSET, "")}
RESTRICTED_OF_CONTAINERS = {
    "securityContext.allowPrivilegeEscalation": (False,), "securityContext.capabilities.add[*]": ("NET_BIND_SERVICE",)}


def values(node, path, at=""):
    """(where, value) of each place that the path means; the value of a field that is not there is UNSET."""
    step, _, rest = path.partition(".")
    name = step.removesuffix("[*]")
    value = node.get(name) if isinstance(node, dict) else UNSET
    found = [(f"{at}{name}", value)]
    if name != step:
        found = [(f"{at}{name}[{number}]", entry) for number, entry in enumerate(value or [])]
    for where, value in found:
        if rest:
            yield from values(value, rest, f"{where}.")
        else:
            yield where, value


def containers(spec):
    return [(f"{name}[{number}].", container)
            for name in LISTS for number, container in enumerate(spec.get(name) or [])]


def outside(table, node, at=""):
    return [f"{where} must not be {value!r}" for path, allowed in table.items()
            for where, value in values(node, path, at) if value not in allowed]


def violations_of_baseline(spec):
    found = outside(BASELINE_OF_THE_POD, spec)
    of_context = {f"securityContext.{path}": allowed for path, allowed in BASELINE_OF_BOTH.items()}
    found += outside(of_context, spec)
    for at, container in containers(spec):
        found += outside(BASELINE_OF_CONTAINERS, container, at)
        found += outside(of_context, container, at)
    return found


def of_both(spec, path, allowed, may_be_unset):
    """A field of the security contexts: a container that does not set it has the pod's."""
    path = f"securityContext.{path}"
    (_, pods), = values(spec, path)
    found = [] if pods is UNSET or allowed(pods) else [f"{path} must not be {pods!r}"]
    for at, container in containers(spec):
        (where, own), = values(container, path, at)
        if own is UNSET and not may_be_unset and pods is UNSET:
            found.append(f"{where} must be set, there or for the pod")
        elif own is not UNSET and not allowed(own):
            found.append(f"{where} must not be {own!r}")
    return found


def violations_of_restricted(spec):
    """Of this and of baseline, which it includes."""
    found = violations_of_baseline(spec)
    for number, volume in enumerate(spec.get("volumes") or []):
        kinds = {kind for kind in volume if kind != "name"}
        if not kinds or kinds - VOLUMES:
            found.append(f"volumes[{number}] must not be {', '.join(sorted(kinds - VOLUMES)) or 'of no kind'}")
    found += of_both(spec, "runAsNonRoot", lambda value: value is True, may_be_unset=False)
    found += of_both(spec, "runAsUser", lambda value: value != 0, may_be_unset=True)
    found += of_both(spec, "seccompProfile.type", lambda value: value in PROFILES, may_be_unset=False)
    for at, container in containers(spec):
        found += outside(RESTRICTED_OF_CONTAINERS, container, at)
        if "ALL" not in (value for _, value in values(container, "securityContext.capabilities.drop[*]")):
            found.append(f"{at}securityContext.capabilities.drop must have ALL")
    return list(dict.fromkeys(found))
