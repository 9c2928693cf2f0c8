"""Check Kubernetes manifests against the schema of Kubernetes' API.

manifests.py FILE ...   prints what is wrong, one line each; status 1 if any

The schema is that of the client library python3-kubernetes, which is generated
from the API's: every member must exist, be of the right type, and those that
are required must be there.  Beyond the schema: what a selector selects, the
names of volumes and of ports, and what the pods may do.
"""
import re
import sys

import kubernetes.client as api
import yaml

PLAIN = {'str': str, 'int': int, 'bool': bool, 'float': (int, float),
         'object': object, 'datetime': str}
KINDS = {('v1', 'ConfigMap'): 'V1ConfigMap', ('v1', 'Service'): 'V1Service',
         ('apps/v1', 'DaemonSet'): 'V1DaemonSet',
         ('apps/v1', 'Deployment'): 'V1Deployment'}
# Of a type that the library leaves open: a number, or a name or share.
OPEN = {'port', 'targetPort', 'maxUnavailable', 'maxSurge'}
QUANTITY = re.compile(r'[0-9]+(\.[0-9]+)?(m|k|Ki|M|Mi|G|Gi)?$')


class Checker:
    """The faults of one file."""

    def __init__(self, name):
        self.name = name
        self.faults = []

    def fault(self, where, what):
        self.faults.append(f'{self.name}: {where}: {what}')

    def value(self, kind, value, where):
        """Is it of the type that the library names?"""
        if match := re.fullmatch(r'list\[(.*)\]', kind):
            if not isinstance(value, list):
                return self.fault(where, 'should be a list')
            for i, one in enumerate(value):
                self.value(match[1], one, f'{where}[{i}]')
        elif match := re.fullmatch(r'dict\(str, (.*)\)', kind):
            if not isinstance(value, dict):
                return self.fault(where, 'should be a map')
            for key, one in value.items():
                self.value(match[1], one, f'{where}.{key}')
        elif kind in PLAIN:
            number = isinstance(value, int) and not isinstance(value, bool)
            if not isinstance(value, PLAIN[kind]) or (
                    kind in ('int', 'float') and not number):
                self.fault(where, f'should be of type {kind}')
        else:
            self.member(getattr(api, kind), value, where)

    def member(self, model, value, where):
        """Has it the members of a type, and no others?"""
        if not isinstance(value, dict):
            return self.fault(where, f'should be a {model.__name__}')
        known = {json: python for python, json in model.attribute_map.items()}
        for key, one in value.items():
            if key not in known:
                self.fault(f'{where}.{key}', f'{model.__name__} has none')
            elif key in OPEN:
                if not isinstance(one, (int, str)):
                    self.fault(f'{where}.{key}', 'a number or a string')
            else:
                self.value(model.openapi_types[known[key]], one,
                           f'{where}.{key}')
        try:  # the library knows which must be there
            model(**{known[k]: v for k, v in value.items() if k in known})
        except ValueError as e:
            self.fault(where, str(e))

    def pod(self, spec, where):
        """What the schema does not say."""
        volumes = {v['name'] for v in spec.get('volumes', [])}
        if spec.get('automountServiceAccountToken') is not False:
            self.fault(where, 'has a token of the cluster')
        if not spec['securityContext'].get('runAsNonRoot'):
            self.fault(where, 'may be root')
        for c in spec['containers']:
            mounted = {m['name'] for m in c.get('volumeMounts', [])}
            if mounted != volumes:
                self.fault(where, f'volumes {mounted ^ volumes}')
            security = c['securityContext']
            if security['capabilities'].get('drop') != ['ALL']:
                self.fault(where, 'keeps capabilities')
            added = security['capabilities'].get('add', [])
            if added not in ([], ['SYS_TIME']):
                self.fault(where, f'adds {added}')
            if security['allowPrivilegeEscalation'] != bool(added):
                self.fault(where, 'allowPrivilegeEscalation does not fit')
            if not security.get('readOnlyRootFilesystem'):
                self.fault(where, 'can write to the image')
            for amounts in c['resources'].values():
                for key, amount in amounts.items():
                    if not QUANTITY.match(str(amount)):
                        self.fault(where, f'{key}: no quantity')
            for probe in ('readinessProbe', 'livenessProbe'):
                if probe not in c:
                    self.fault(where, f'no {probe}')

    def documents(self, documents):
        """All objects of a file, which belong together."""
        pods, configs = [], set()
        for d in documents:
            where = f"{d.get('kind')} {d.get('metadata', {}).get('name')}"
            model = KINDS.get((d.get('apiVersion'), d.get('kind')))
            if model is None:
                self.fault(where, 'an unexpected kind')
                continue
            self.member(getattr(api, model), d, where)
            if self.faults:
                continue
            if d['kind'] == 'ConfigMap':
                configs.add(d['metadata']['name'])
            if 'template' in d.get('spec', {}):
                template = d['spec']['template']
                pods.append(template)
                if (d['spec']['selector']['matchLabels'].items() -
                        template['metadata']['labels'].items()):
                    self.fault(where, 'does not select its own pods')
                self.pod(template['spec'], where)
        for d in documents if not self.faults else []:
            if d['kind'] == 'Service':
                self.service(d, pods)
        for p in pods if not self.faults else []:
            used = {v['configMap']['name'] for v in p['spec']['volumes']
                    if 'configMap' in v}
            if used != configs:
                self.fault('ConfigMap', f'{used ^ configs}')

    def service(self, service, pods):
        """Does it lead to a port of the pods?"""
        selector = service['spec']['selector']
        for port in service['spec']['ports']:
            if not any(port['targetPort'] == p['name'] and
                       port['protocol'] == p['protocol']
                       for pod in pods
                       if not selector.items() -
                       pod['metadata']['labels'].items()
                       for c in pod['spec']['containers']
                       for p in c['ports']):
                self.fault('Service', f"leads nowhere: {port['name']}")


def check(name, text):
    """The faults of a file's text."""
    c = Checker(name)
    c.documents(list(yaml.safe_load_all(text)))
    return c.faults


def main(names):
    """Check files."""
    faults = []
    for name in names:
        with open(name, encoding='utf-8') as f:
            faults += check(name, f.read())
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
