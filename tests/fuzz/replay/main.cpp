// Runs a fuzz target without libFuzzer: on every seed, and on seeds with a few octets changed, cut out, doubled or
// taken from another seed. Always the same inputs, so the gate needs no second compiler; searching is the business of
// `./dev fuzz`.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using octets = std::vector<std::uint8_t>;

std::vector<octets> read_seeds(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> files;
    if (std::filesystem::is_directory(folder)) {
        for (const auto& each : std::filesystem::directory_iterator(folder)) files.push_back(each.path());
    }
    std::ranges::sort(files);
    std::vector<octets> seeds{{}, octets(64), octets(1024, 0xFF)};
    for (const auto& file : files) {
        std::ifstream in(file, std::ios::binary);
        seeds.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    }
    return seeds;
}

octets changed(octets input, const octets& other, std::mt19937& dice) {
    const auto below = [&dice](std::size_t n) { return static_cast<std::size_t>(dice() % n); };
    for (auto steps = 1 + below(4); steps > 0; --steps) {
        const auto at = static_cast<std::ptrdiff_t>(below(input.size() + 1));
        const auto rest = input.size() - static_cast<std::size_t>(at);
        const auto length = static_cast<std::ptrdiff_t>(below(std::min<std::size_t>(rest, 16) + 1));
        switch (below(5)) {
            case 0:
                if (rest > 0) input[static_cast<std::size_t>(at)] = static_cast<std::uint8_t>(dice());
                break;
            case 1:
                if (rest > 0) input[static_cast<std::size_t>(at)] ^= static_cast<std::uint8_t>(1u << below(8));
                break;
            case 2: input.erase(input.begin() + at, input.begin() + at + length); break;
            case 3: {
                const octets piece(input.begin() + at, input.begin() + at + length);
                input.insert(input.begin() + at, piece.begin(), piece.end());
                break;
            }
            default: {
                const auto from = static_cast<std::ptrdiff_t>(below(other.size() + 1));
                input.resize(static_cast<std::size_t>(at));
                input.insert(input.end(), other.begin() + from, other.end());
            }
        }
    }
    return input;
}

}  // namespace

/// replay SEEDS COUNT: how many changed inputs follow the seeds.
int main(int count, char** arguments) {
    if (count != 3) return 2;
    const auto seeds = read_seeds(arguments[1]);
    const auto runs = std::strtoul(arguments[2], nullptr, 10);
    for (const auto& seed : seeds) (void)LLVMFuzzerTestOneInput(seed.data(), seed.size());
    std::mt19937 dice(1);
    for (unsigned long i = 0; i < runs; ++i) {
        const auto input = changed(seeds[dice() % seeds.size()], seeds[dice() % seeds.size()], dice);
        (void)LLVMFuzzerTestOneInput(input.data(), input.size());
    }
    std::printf("%zu seeds and %lu changed inputs, no fault\n", seeds.size(), runs);
    return runs > 0 ? 0 : 1;
}
