using FerroLB.Core.Kube.Objects;
using FerroLB.Core.Kube.Watch;

namespace FerroLB.Core.Nodes;

/// <summary>What a controller sees of the cluster, whether it leads or not.</summary>
/// <param name="Watches">All of its watches.</param>
/// <param name="Config">The configuration in force.</param>
/// <param name="Services">The Services.</param>
/// <param name="Namespaces">The namespaces.</param>
/// <param name="State">The controller's own ConfigurationState.</param>
internal sealed record ControllerPictures(
    WatchSet Watches, ConfigKeeper Config, ReflectorMachine<Service> Services, ReflectorMachine<Namespace> Namespaces,
    ReflectorMachine<ConfigurationState> State);
