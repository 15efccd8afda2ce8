"""Networks as ONNX files.

Normalisation is folded into the convolutions, and tensors are named by layer.  A Cast
behind each initializer of float16 makes float32 of it: all is computed in float32.
"""
import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from networks import GREY, Block


def folded(conv, norm):
    """conv with the normalisation that follows it."""
    scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    out = nn.Conv2d(conv.in_channels, conv.out_channels, conv.kernel_size, conv.stride, conv.padding)
    bias = 0 if conv.bias is None else conv.bias
    out.weight.data = conv.weight * scale.reshape(-1, 1, 1, 1)
    out.bias.data = (bias - norm.running_mean) * scale + norm.bias
    return out


def colourful(conv):
    """What does on three channels what conv does on their grey."""
    out = nn.Conv2d(3, conv.out_channels, conv.kernel_size, conv.stride, conv.padding)
    out.weight.data = conv.weight * torch.tensor(GREY).reshape(1, 3, 1, 1)
    out.bias.data = conv.bias
    return out


class Graph:
    """Nodes that are added one behind the other."""

    def __init__(self, dtype):
        self.nodes, self.weights, self.dtype = [], [], dtype

    def value(self, name, tensor):
        values, stored = tensor.detach().numpy().astype(self.dtype), name
        if self.dtype == np.float16:
            stored = name + ".half"
            self.nodes.append(helper.make_node("Cast", [stored], [name], name + ".cast", to=TensorProto.FLOAT))
        self.weights.append(numpy_helper.from_array(values, stored))
        return name

    def add(self, kind, inputs, output, **attributes):
        self.nodes.append(helper.make_node(kind, inputs, [output], output, **attributes))
        return output

    def conv(self, x, conv, output):
        k = conv.kernel_size[0]
        return self.add("Conv", [x, self.value(output + ".weight", conv.weight), self.value(output + ".bias", conv.bias)],
                        output, kernel_shape=[k, k], strides=list(conv.stride), pads=[conv.padding[0]] * 4)

    def block(self, x, block, name):
        a = self.conv(x, folded(block.a[0], block.a[1]), name + "/a/pre_relu")
        a = self.add("Relu", [a], name + "/a")
        a = self.conv(a, folded(block.a[3], block.a[4]), name + "/b")
        b = self.conv(x, folded(block.b[0], block.b[1]), name + "/around")
        return self.add("Relu", [self.add("Add", [a, b], name + "/pre_relu")], name)


def build(net, dtype):
    """The graph of a Sequential; conv1 to conv5 are the values after the ReLU, as in Caffe,
    where it works in place."""
    g, x, norm = Graph(dtype), "data", dict(net.named_children())
    for name, module in net.named_children():
        if isinstance(module, nn.Conv2d):
            after = norm.get("norm" + name[4:])
            module = folded(module, after) if after else module
            if module.in_channels == 1:
                module = colourful(module)
            x = g.conv(x, module, name if name == "score" else name + "/pre_relu")
        elif isinstance(module, nn.Linear):
            x = g.add("Gemm", [x, g.value(name + ".weight", module.weight), g.value(name + ".bias", module.bias)],
                      name if name == "score" else name + "/pre_relu", transB=1)
        elif isinstance(module, nn.ReLU):
            x = g.add("Relu", [x], x[:-len("/pre_relu")])
        elif isinstance(module, nn.MaxPool2d):
            k = module.kernel_size
            x = g.add("MaxPool", [x], name, kernel_shape=[k, k], strides=[k, k])
        elif isinstance(module, nn.AdaptiveAvgPool2d):
            x = g.add("GlobalAveragePool", [x], name)
        elif isinstance(module, nn.Flatten):
            x = g.add("Flatten", [x], name)
        elif isinstance(module, Block):
            x = g.block(x, module, name)
    return g, x


def save(net, size, path, dtype, text):
    """An ONNX file; dtype is that of its weights, numpy.float32 or numpy.float16."""
    g, output = build(net, dtype)
    shape = list(net(torch.zeros(1, 3, size, size)).shape) if output == "score" else ["n", "units", "h", "w"]
    model = helper.make_model(
        helper.make_graph(g.nodes, "network", [helper.make_tensor_value_info("data", TensorProto.FLOAT, [1, 3, size, size])],
                          [helper.make_tensor_value_info(output, TensorProto.FLOAT, shape)], g.weights),
        opset_imports=[helper.make_opsetid("", 13)], ir_version=8, doc_string=text)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)
