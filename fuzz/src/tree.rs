//! A small tree for what is not about a front end.

/// Its files.
pub(crate) fn files() -> Vec<(String, Vec<u8>)> {
    let files = [
        ("Dockerfile", "FROM rocm/dev-ubuntu-24.04:7.1-complete\nENV PYTORCH_ROCM_ARCH=gfx942\nRUN pip install vllm\n"),
        ("CMakeLists.txt", "set(HIP_SUPPORTED_ARCHS \"gfx90a;gfx942\")\n"),
        ("run.sh", "#!/bin/sh\nexport VLLM_ROCM_USE_AITER=1\nvllm serve m --dtype bf16\n"),
        ("vllm/__init__.py", "__version__ = '0.14.1'\n"),
        (
            "vllm/rocm.py",
            "from vllm.utils import gone, here\n\n\ndef on_gfx9():\n    return 'gfx9' in here()\n\n\nWARP_SIZE = 32\n",
        ),
        ("vllm/utils.py", "def here():\n    return 'gfx942'\n"),
    ];
    files.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec())).to_vec()
}
