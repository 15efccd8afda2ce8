"""The demo's network; and those of the experiments: a baseline, and what differs from it in
one thing.

Each is a Sequential whose modules are named as the tensors that they make.
"""
import collections

import torch
from torch import nn

SIZE = 72
MEAN, STD = 128, 64  # what cnn-forward is told: --preset demo
CLASSES = 40
COLOURS = 5  # on each of two axes: what the network that predicts colour tells apart
GREY = (0.299, 0.587, 0.114)


class Block(nn.Module):
    """Two convolutions, and a way around them."""

    def __init__(self, inputs, units, stride):
        super().__init__()
        self.a = nn.Sequential(nn.Conv2d(inputs, units, 3, stride, 1, bias=False), nn.BatchNorm2d(units),
                               nn.ReLU(), nn.Conv2d(units, units, 3, 1, 1, bias=False), nn.BatchNorm2d(units))
        self.b = nn.Sequential(nn.Conv2d(inputs, units, 1, stride, bias=False), nn.BatchNorm2d(units))

    def forward(self, x):
        return torch.relu(self.a(x) + self.b(x))


class Grey(nn.Module):
    def forward(self, x):
        return sum(w * x[:, i:i + 1] for i, w in enumerate(GREY))


def convolutions(layers, shapes, norm=False):
    """shapes: name, inputs, units, kernel, stride, pool after it or not."""
    for name, inputs, units, kernel, stride, pool in shapes:
        number = name[4:]
        layers[name] = nn.Conv2d(inputs, units, kernel, stride, kernel // 2, bias=not norm)
        if norm:
            layers[f"norm{number}"] = nn.BatchNorm2d(units)
        layers[f"relu{number}"] = nn.ReLU()
        if pool:
            layers[f"pool{number}"] = nn.MaxPool2d(2)


def perceptron(layers, width, outputs, dropout):
    layers["pool5"] = nn.MaxPool2d(3)
    layers["flat"] = nn.Flatten()
    layers["fc6"] = nn.Linear(9 * width, 256)
    layers["relu6"] = nn.ReLU()
    if dropout:
        layers["drop6"] = nn.Dropout(0.5)
    layers["fc7"] = nn.Linear(256, 256)
    layers["relu7"] = nn.ReLU()
    if dropout:
        layers["drop7"] = nn.Dropout(0.5)
    layers["score"] = nn.Linear(256, outputs)


def average(layers, width, outputs):
    layers["pool5"] = nn.AdaptiveAvgPool2d(1)
    layers["flat"] = nn.Flatten()
    layers["score"] = nn.Linear(width, outputs)


def alexnet(width=128, norm=False, dropout=True, gap=False, outputs=CLASSES, inputs=3):
    layers = collections.OrderedDict()
    if inputs == 1:
        layers["grey"] = Grey()
    convolutions(layers, (("conv1", inputs, 24, 5, 2, True), ("conv2", 24, 48, 3, 1, True),
                          ("conv3", 48, 96, 3, 1, False), ("conv4", 96, 96, 3, 1, False),
                          ("conv5", 96, width, 3, 1, False)), norm)
    if inputs == 1:
        layers["score"] = nn.Conv2d(width, outputs, 1)
    elif gap:
        average(layers, width, outputs)
    else:
        perceptron(layers, width, outputs, dropout)
    return layers


def vgg():
    layers = collections.OrderedDict()
    convolutions(layers, (("conv1", 3, 16, 3, 1, True), ("conv2", 16, 32, 3, 1, True),
                          ("conv3_1", 32, 64, 3, 1, False), ("conv3_2", 64, 64, 3, 1, True),
                          ("conv4_1", 64, 96, 3, 1, False), ("conv4_2", 96, 96, 3, 1, False),
                          ("conv5", 96, 128, 3, 1, False)))
    perceptron(layers, 128, CLASSES, True)
    return layers


def resnet():
    layers = collections.OrderedDict()
    convolutions(layers, (("conv1", 3, 24, 5, 2, True),), norm=True)
    layers["conv3"] = Block(24, 48, 1)
    layers["conv4"] = Block(48, 96, 2)
    layers["conv5"] = Block(96, 128, 1)
    average(layers, 128, CLASSES)
    return layers


VARIANTS = {
    "baseline": alexnet,
    "norm": lambda: alexnet(norm=True),
    "nodropout": lambda: alexnet(dropout=False),
    "gap": lambda: alexnet(gap=True),
    "vgg": vgg,
    "resnet": resnet,
    "width32": lambda: alexnet(width=32),
    "width64": lambda: alexnet(width=64),
    "width256": lambda: alexnet(width=256),
    "rotation": lambda: alexnet(outputs=4),
    "colour": lambda: alexnet(outputs=COLOURS ** 2, inputs=1),
}


def network(variant):
    net = nn.Sequential(VARIANTS[variant]())
    for module in net.modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)
    nn.init.normal_(net.score.weight, std=0.01)
    return net


def demo(outputs):
    """Weights as PyTorch starts them."""
    layers = collections.OrderedDict()
    convolutions(layers, (("conv1", 3, 24, 5, 2, True), ("conv2", 24, 48, 3, 1, True),
                          ("conv3", 48, 64, 3, 1, False), ("conv4", 64, 128, 3, 1, False),
                          ("conv5", 128, 128, 3, 1, False)), norm=True)
    average(layers, 128, outputs)
    return nn.Sequential(layers)
