"""Real models out of Python packages, packaged and answered over HTTP by the real model server."""

import glob
import json
import os
import subprocess
import sys
import unittest
import zipfile

sys.path.insert(0, os.path.dirname(__file__))

from job import ROOT, Job, tar_gz  # noqa: E402
from test_levels import document  # noqa: E402

TOOLKIT_PYTHON = os.environ.get("BSM_TOOLKIT_PYTHON")
SLOW = os.environ.get("BSM_SLOW_TESTS") == "1"
CACHE = os.path.join(ROOT, ".cache", "models")

VOICE_ACTIVITY = b"""
import os
import torch
def model_fn(model_dir):
    return torch.jit.load(os.path.join(model_dir, "silero_vad.jit"))
def predict_fn(data, model):
    model.reset_states()
    return {"speech": float(model(data.reshape(1, 512), 16000))}
"""
FACES = b"""
import os
import torch
from torch import nn
class PNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.prelu1 = nn.Conv2d(3, 10, kernel_size=3), nn.PReLU(10)
        self.pool1 = nn.MaxPool2d(2, 2, ceil_mode=True)
        self.conv2, self.prelu2 = nn.Conv2d(10, 16, kernel_size=3), nn.PReLU(16)
        self.conv3, self.prelu3 = nn.Conv2d(16, 32, kernel_size=3), nn.PReLU(32)
        self.conv4_1, self.conv4_2 = nn.Conv2d(32, 2, kernel_size=1), nn.Conv2d(32, 4, kernel_size=1)
    def forward(self, x):
        x = self.pool1(self.prelu1(self.conv1(x)))
        x = self.prelu3(self.conv3(self.prelu2(self.conv2(x))))
        return torch.softmax(self.conv4_1(x), dim=1)[:, 1]
def model_fn(model_dir):
    model = PNet()
    model.load_state_dict(torch.load(os.path.join(model_dir, "pnet.pt"), map_location="cpu"))
    return model.eval()
def predict_fn(data, model):
    with torch.no_grad():
        return [{"face": float(value)} for value in model(data.reshape(-1, 3, 12, 12)).flatten()]
"""
SPEAKER = b"""
import os
import torch
from torch import nn
class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm, self.linear = nn.LSTM(40, 256, 3, batch_first=True), nn.Linear(256, 256)
    def forward(self, mels):
        embedding = torch.relu(self.linear(self.lstm(mels)[1][0][-1]))
        return embedding / embedding.norm(dim=1, keepdim=True)
def model_fn(model_dir):
    model = Encoder()
    state = torch.load(os.path.join(model_dir, "pretrained.pt"), map_location="cpu")["model_state"]
    model.load_state_dict(state, strict=False)
    return model.eval()
def input_fn(body, kind):
    return torch.tensor([float(value) for value in body.split(",")]).reshape(1, -1, 40)
def predict_fn(data, model):
    with torch.no_grad():
        return {"embedding": model(data)[0]}
"""
WAVE = [round(((step * 37) % 100) / 100 - 0.5, 2) for step in range(512)]
IMAGE = [round(((step * 29) % 255) / 255, 3) for step in range(3 * 12 * 12)]
MELS = [round(((step * 17) % 50) / 50, 2) for step in range(80 * 40)]


@unittest.skipUnless(SLOW and TOOLKIT_PYTHON, "needs BSM_SLOW_TESTS=1 and BSM_TOOLKIT_PYTHON")
class ModelsTest(unittest.TestCase):
    def served(self, requirement, member, code, payload, output):
        job = Job(
            tar_gz([(os.path.basename(member), weights(requirement, member))]),
            code={"inference.py": code},
            payload=tar_gz([payload]),
            document=document(source_model_inference_output_variable_list={output: "NUMERIC"}),
            VERIFY="true",
            VERIFY_LEVEL="server",
            PYTHON=TOOLKIT_PYTHON,
        )
        self.addCleanup(job.close)
        self.assertEqual(job.exit_code, 0, job.stderr)
        found = job.report["verification"]
        self.assertEqual((found["by"], found["status"]), ("server", "passed"), found)

    def test_voice_activity_of_silero_as_torchscript(self):
        payload = ("payload_application_json_0.json", json.dumps(WAVE).encode())
        self.served("silero-vad==6.2.3", "silero_vad/data/silero_vad.jit", VOICE_ACTIVITY, payload, "speech")

    def test_face_proposals_of_facenet_from_a_state_dict(self):
        payload = ("payload_application_json_0.json", json.dumps(IMAGE + IMAGE).encode())
        self.served("facenet-pytorch==2.6.0", "facenet_pytorch/data/pnet.pt", FACES, payload, "face")

    def test_speaker_embeddings_of_resemblyzer_from_a_checkpoint(self):
        payload = ("payload_text_csv_0.csv", ",".join(map(str, MELS)).encode())
        self.served("resemblyzer==0.1.4", "resemblyzer/pretrained.pt", SPEAKER, payload, "embedding")


def weights(requirement, member):
    folder = os.path.join(CACHE, requirement)
    if not glob.glob(folder + "/*.whl"):
        pip = [TOOLKIT_PYTHON, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, requirement]
        subprocess.run(pip, check=True)
    with zipfile.ZipFile(glob.glob(folder + "/*.whl")[0]) as wheel:
        return wheel.read(member)


if __name__ == "__main__":
    unittest.main()
