#!/usr/bin/env python3
"""convolve.py IMAGES.npy OUT.npy -- a random convolutional layer, by PyTorch."""
import sys

import numpy
import torch

torch.manual_seed(1)
torch.set_num_threads(1)
layer = torch.nn.Conv2d(3, 8, 7, stride=4, padding=2)
images = torch.from_numpy(numpy.load(sys.argv[1])).permute(0, 3, 1, 2).float() / 255
with torch.no_grad():
    numpy.save(sys.argv[2], torch.relu(layer(images)).numpy())
