// istiodprint answers what istiod would send to a gateway, without Kubernetes: istiod's own code, fed with manifests.
//
// It reads one request a line from stdin and writes one answer a line to stdout, both JSON, until stdin ends. istiod's log goes to stderr.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"syscall"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	_ "istio.io/istio/pkg/config/xds" // registers every Envoy extension, so that protojson can expand Any

	meshconfig "istio.io/api/mesh/v1alpha1"
	"istio.io/istio/pilot/pkg/model"
	"istio.io/istio/pilot/test/xds"
	"istio.io/istio/pkg/config/analysis/analyzers"
	"istio.io/istio/pkg/config/analysis/local"
	"istio.io/istio/pkg/config/mesh"
	"istio.io/istio/pkg/config/resource"
	"istio.io/istio/pkg/test"
)

const proxyVersion = "1.30.3" // as the istio-proxy image says of itself

// request: Manifests is YAML of any number of documents, all of istio.io's kinds; Mesh is YAML of a MeshConfig; Namespace and Labels are those
// of the gateway's pod; Analyse asks for the messages of `istioctl analyze`, too.
type request struct {
	Manifests string            `json:"manifests"`
	Mesh      string            `json:"mesh"`
	Namespace string            `json:"namespace"`
	Labels    map[string]string `json:"labels"`
	Analyse   bool              `json:"analyse"`
}

// answer: what is sent to the gateway, or why istiod refuses the manifests.
type answer struct {
	Error     string            `json:"error"`
	Listeners []json.RawMessage `json:"listeners"`
	Routes    []json.RawMessage `json:"routes"`
	Clusters  []json.RawMessage `json:"clusters"`
	Endpoints []json.RawMessage `json:"endpoints"`
	Messages  []message         `json:"messages"`
}

// message is one of istiod's analysers; Object is Kind/namespace/name as the analyser writes it.
type message struct {
	Code, Level, Object, Text string
}

func main() {
	answers, err := keepStdout()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	lines := bufio.NewReaderSize(os.Stdin, 1<<20)
	encoder := json.NewEncoder(answers)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return // the one who asked has gone
		}
		var asked request
		out := answer{}
		if err := json.Unmarshal(line, &asked); err != nil {
			out.Error = err.Error()
		} else {
			out = respond(asked)
		}
		if encoder.Encode(out) != nil {
			return
		}
	}
}

// keepStdout hands out stdout for answers and lets everything else that is printed there go to stderr.
func keepStdout() (*os.File, error) {
	kept, err := syscall.Dup(1)
	if err != nil {
		return nil, err
	}
	syscall.CloseOnExec(kept)
	return os.NewFile(uintptr(kept), "answers"), syscall.Dup3(2, 1, 0)
}

func respond(asked request) (out answer) {
	defer func() {
		if problem := recover(); problem != nil {
			out = answer{Error: fmt.Sprint("istiod panics: ", problem)}
		}
	}()
	config := mesh.DefaultMeshConfig()
	if asked.Mesh != "" {
		var err error
		if config, err = mesh.ApplyMeshConfigDefaults(asked.Mesh); err != nil {
			return answer{Error: "mesh: " + err.Error()}
		}
	}
	if err := test.Wrap(func(t test.Failer) { out = generated(t, asked, config) }); err != nil {
		return answer{Error: err.Error()}
	}
	if asked.Analyse {
		var err error
		if out.Messages, err = analysed(asked); err != nil {
			out.Error = err.Error()
		}
	}
	return out
}

// generated is what istiod sends to the gateway. test.Wrap turns refusals (bad YAML, failed validation) into errors.
func generated(t test.Failer, asked request, config *meshconfig.MeshConfig) answer {
	server := xds.NewFakeDiscoveryServer(t, xds.FakeOptions{ConfigString: asked.Manifests, MeshConfig: config, DisableSecretAuthorization: true})
	proxy := server.SetupProxy(&model.Proxy{
		Type:            model.Router,
		ID:              "gateway." + asked.Namespace,
		ConfigNamespace: asked.Namespace,
		Labels:          asked.Labels,
		IPAddresses:     []string{"127.0.0.1"},
		Metadata: &model.NodeMetadata{
			Namespace:    asked.Namespace,
			Labels:       asked.Labels,
			IstioVersion: proxyVersion,
			ClusterID:    "Kubernetes",
		},
	})
	listeners := server.Listeners(proxy)
	return answer{
		Listeners: raws(t, listeners),
		Routes:    raws(t, server.RoutesFromListeners(proxy, listeners)),
		Clusters:  raws(t, server.Clusters(proxy)),
		Endpoints: raws(t, server.Endpoints(proxy)),
	}
}

func raws[T proto.Message](t test.Failer, in []T) []json.RawMessage {
	out := []json.RawMessage{}
	for _, one := range in {
		text, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(one)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, text)
	}
	return out
}

// analysed is what `istioctl analyze --use-kube=false` would say.
func analysed(asked request) ([]message, error) {
	analyser := local.NewIstiodAnalyzer(analyzers.AllCombined(), resource.Namespace(asked.Namespace), "istio-system", nil)
	// What it cannot read comes back as messages, too, so this error says nothing more.
	_ = analyser.AddReaderKubeSource([]local.ReaderSource{{Name: "manifests", Reader: strings.NewReader(asked.Manifests)}})
	if err := analyser.AddDefaultResources(); err != nil {
		return nil, err
	}
	result, err := analyser.Analyze(make(chan struct{}))
	if err != nil {
		return nil, err
	}
	out := []message{}
	for _, found := range result.Messages {
		object := ""
		if found.Resource != nil {
			object = found.Resource.Metadata.FullName.String()
		}
		out = append(out, message{found.Type.Code(), found.Type.Level().String(), object, fmt.Sprintf(found.Type.Template(), found.Parameters...)})
	}
	return out, nil
}
