#!/bin/sh
# The manifests for Kubernetes against the schema of its API, and the compose
# file against docker-compose's.  The checks must also be able to fail: files
# with a fault are refused.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python=/usr/bin/python3 # which has Debian's modules
kubernetes=packaging/kubernetes
compose=packaging/compose.yaml
check() {
	$python tests/packaging/manifests.py "$@"
}

if ! $python -c 'import kubernetes, yaml' 2>/dev/null; then
	skip "the schema of Kubernetes" "no python3-kubernetes"
else
	check $kubernetes/*.yaml >"$dir/faults"
	report $? "the manifests are what Kubernetes' API wants"
	sed 's/^/# /' "$dir/faults"
	while read -r edit; do
		sed "$edit" $kubernetes/deployment.yaml >"$dir/wrong.yaml"
		check "$dir/wrong.yaml" >"$dir/faults"
		[ $? = 1 ] && [ -s "$dir/faults" ]
		report $? "a fault is seen: $(head -n 1 "$dir/faults" |
		    sed 's/^[^:]*: //')"
	done <<-'END'
		s/runAsUser:/runAsUsr:/
		s/mountPath:/mountpath:/
		s/cpu: 50m/cpu: some/
		s/\["ALL"\]/[]/
		s/replicas: 2/replicas: two/
		s/targetPort: ntp/targetPort: nntp/
		s/^  name: ntpd-server/  name: other/
		/^  selector:/,/matchLabels/s/\*labels/{ a: b }/
		s/allowPrivilegeEscalation: false/allowPrivilegeEscalation: true/
		s/readinessProbe/readyProbe/
	END
fi

if ! command -v docker-compose >/dev/null; then
	skip "the schema of compose files" "no docker-compose"
else
	docker-compose -f $compose config -q >"$dir/faults" 2>&1
	report $? "the compose file is one"
	sed 's/^/# /' "$dir/faults"
	sed 's/cap_drop:/cap_dropped:/' $compose >"$dir/wrong.yaml"
	docker-compose -f "$dir/wrong.yaml" config -q >"$dir/faults" 2>&1
	[ $? != 0 ]
	report $? "a fault is seen there too"
fi

version=$(sed -n 's/^VERSION := //p' Makefile)
wrong=$(grep -h 'image:' $kubernetes/*.yaml $compose |
    grep -v "image: ntpd:$version\$")
[ -n "$version" ] && [ -z "$wrong" ]
report $? "all of them want the image of this version, $version"
[ -z "$wrong" ] || echo "# $wrong"
done_testing
